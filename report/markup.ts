/**
 * HTML that cannot be broken by what is put into it: everything between the fixed parts of a
 * template is escaped, unless it is markup itself.
 */

/** A piece of HTML known to be sound. */
export class Markup {
  readonly #html: string;

  constructor(html: string) {
    this.#html = html;
  }

  toString(): string {
    return this.#html;
  }
}

export type Content = Markup | string | number | null | readonly Content[];

/** A template of HTML; null puts in nothing, a list puts in its items one after the other. */
export function markup(fixed: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let html = fixed[0];
  contents.forEach((content, i) => html += render(content) + fixed[i + 1]);
  return new Markup(html);
}

function render(content: Content): string {
  if (content === null) return "";
  if (content instanceof Markup) return content.toString();
  if (typeof content === "object") return content.map(render).join("");
  return escape(String(content));
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text safe between tags and inside quoted attributes. */
export function escape(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** Characters that no HTML may hold become �. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd");
}

/** Text that is HTML by its making and not by anyone's input, such as a file of the program. */
export function trusted(html: string): Markup {
  return new Markup(html);
}
