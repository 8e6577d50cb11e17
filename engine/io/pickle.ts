/**
 * A reader for Python pickles of protocol 2 that runs nothing. It knows the opcodes that describe
 * data; what a pickle may call is decided by the caller, name by name, and everything else is refused
 * by its name. Memory and time are linear in the pickle's bytes: no opcode copies what it names, and
 * nothing is walked recursively.
 *
 * Source: the comments of CPython's Lib/pickletools.py, which define every opcode.
 */
import { fail, shown } from "./byte_source.ts";

/** A Python dict or OrderedDict; keys are texts or whole numbers. */
export class PickledDict {
  readonly entries: Map<string | number, unknown> = new Map();
}

export class PickledList {
  readonly items: unknown[] = [];
}

export class PickledTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** What a name in a pickle stands for. A name that is only mentioned, like a type, has no `call`. */
export interface PickledGlobal {
  readonly name: string;
  readonly call?: (args: readonly unknown[]) => unknown;
}

export interface PickleReading {
  /** What error messages call the pickle. */
  readonly file: string;
  /** The names that may be mentioned, as `module.name`. */
  readonly globals: ReadonlyMap<string, PickledGlobal>;
  /** Gives what a persistent id stands for. */
  persistent(id: unknown): unknown;
}

/** Opcodes that mean something to Python but are refused here, for the message. */
const REFUSED: Readonly<Record<number, string>> = {
  0x69: "INST",
  0x6f: "OBJ",
  0x81: "NEWOBJ",
  0x82: "EXT1",
  0x83: "EXT2",
  0x84: "EXT4",
  0x92: "NEWOBJ_EX",
  0x93: "STACK_GLOBAL",
};

const LONGEST_NAME = 200;

/** The value that `bytes` describe. Throws `UserError` for anything but a sound pickle of plain data. */
export function readPickle(bytes: Uint8Array, reading: PickleReading): unknown {
  return new PickleMachine(bytes, reading).run();
}

/** The stack machine that a pickle is a program for. */
class PickleMachine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #reading: PickleReading;
  readonly #stack: unknown[] = [];
  /** Heights of the stack at the open marks. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;

  constructor(bytes: Uint8Array, reading: PickleReading) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#reading = reading;
  }

  run(): unknown {
    if (this.#byte() !== 0x80) this.#fail("it does not begin as a pickle of protocol 2 does");
    const protocol = this.#byte();
    if (protocol !== 2) {
      this.#fail(`it is of pickle protocol ${protocol}; torch.save's own, 2, is read`);
    }
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e) break; // STOP
      this.#step(opcode);
    }
    const value = this.#pop();
    if (this.#stack.length + this.#marks.length > 0 || this.#at < this.#bytes.length) {
      this.#fail("it goes on past its end");
    }
    return value;
  }

  #step(opcode: number): void {
    switch (opcode) {
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4b: // BININT1
        return this.#push(this.#byte());
      case 0x4d: // BININT2
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#byte()));
      case 0x47: // BINFLOAT, big-endian
        return this.#push(this.#view.getFloat64(this.#take(8)));
      case 0x58: // BINUNICODE
        return this.#push(this.#text(this.#uint32()));
      case 0x7d: // EMPTY_DICT
        return this.#push(new PickledDict());
      case 0x5d: // EMPTY_LIST
        return this.#push(new PickledList());
      case 0x29: // EMPTY_TUPLE
        return this.#push(new PickledTuple([]));
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#push(new PickledTuple(this.#popMany(opcode - 0x84)));
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        return;
      case 0x74: // TUPLE
        return this.#push(new PickledTuple(this.#popToMark()));
      case 0x61: // APPEND
        return this.#append(this.#popMany(1));
      case 0x65: // APPENDS
        return this.#append(this.#popToMark());
      case 0x73: // SETITEM
        return this.#setItems(this.#popMany(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#popToMark());
      case 0x71: // BINPUT
        return this.#remember(this.#byte());
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#uint32());
      case 0x68: // BINGET
        return this.#recall(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#uint32());
      case 0x63: // GLOBAL
        return this.#global();
      case 0x52: // REDUCE
        return this.#reduce();
      case 0x62: // BUILD
        return this.#build();
      case 0x51: // BINPERSID
        return this.#push(this.#reading.persistent(this.#pop()));
      default: {
        const code = `0x${opcode.toString(16).padStart(2, "0")}`;
        const name = REFUSED[opcode] ?? "unknown";
        this.#fail(`opcode ${code} (${name}) at byte ${this.#at - 1} is none that weights need`);
      }
    }
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    return this.#popMany(1)[0];
  }

  /** The last `count` values, which must lie above the last mark. */
  #popMany(count: number): unknown[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) this.#fail("its stack runs empty");
    return this.#stack.splice(this.#stack.length - count);
  }

  #popToMark(): unknown[] {
    const height = this.#marks.pop();
    if (height === undefined) this.#fail("a mark is missing");
    return this.#stack.splice(height);
  }

  /** The value on top, which stays. */
  #top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.#fail("its stack runs empty");
    return this.#stack[this.#stack.length - 1];
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!(list instanceof PickledList)) this.#fail("items are appended to what is no list");
    for (const item of items) list.items.push(item);
  }

  #setItems(pairs: readonly unknown[]): void {
    const dict = this.#top();
    if (!(dict instanceof PickledDict)) this.#fail("items are set in what is no dict");
    if (pairs.length % 2 !== 0) this.#fail("a key has no value");
    for (let i = 0; i < pairs.length; i += 2) {
      const key = pairs[i];
      if (typeof key !== "string" && typeof key !== "number") {
        this.#fail("a dict has a key that is neither text nor number");
      }
      if (dict.entries.has(key)) this.#fail(`the key ${shown(key)} stands twice in one dict`);
      dict.entries.set(key, pairs[i + 1]);
    }
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    if (!this.#memo.has(index)) this.#fail(`nothing was put into memo ${index}`);
    this.#push(this.#memo.get(index));
  }

  #global(): void {
    const name = `${this.#line()}.${this.#line()}`;
    const known = this.#reading.globals.get(name);
    if (known === undefined) {
      this.#fail(`it asks for ${shown(name)}, which no weights need; nothing of it was run`);
    }
    this.#push(known);
  }

  #reduce(): void {
    const [callee, args] = this.#popMany(2);
    const found = [...this.#reading.globals.values()].find((one) => one === callee);
    if (found?.call === undefined) this.#fail(`it calls ${found?.name ?? "what is no function"}`);
    if (!(args instanceof PickledTuple)) this.#fail(`${found.name} is called without arguments`);
    this.#push(found.call(args.items));
  }

  /** Attributes of an object: a state dict has versions of its modules, which nobody here asks for. */
  #build(): void {
    this.#pop();
    if (!(this.#top() instanceof PickledDict)) this.#fail("attributes are set on what is no dict");
  }

  /** A two's complement number of `length` bytes, least first. */
  #long(length: number): number {
    if (length > 8) this.#fail(`a number has ${length} bytes; at most 8 are read`);
    let value = 0n;
    const at = this.#take(length);
    for (let i = length - 1; i >= 0; i--) value = value << 8n | BigInt(this.#bytes[at + i]);
    const number = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(number)) this.#fail(`the number ${number} is too large`);
    return number;
  }

  #text(length: number): string {
    const at = this.#take(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(this.#bytes.subarray(at, at + length));
    } catch {
      this.#fail(`the text at byte ${at} is not UTF-8`);
    }
  }

  /** Up to the end of the line; a module or a name. */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    const length = end - this.#at;
    if (end < 0 || length > LONGEST_NAME) this.#fail(`the name at byte ${this.#at} has no end`);
    const text = this.#text(length);
    this.#at++;
    return text;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)];
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Moves on by `length` bytes and gives where they begin. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) this.#fail(`it ends at byte ${at}, amid a value`);
    this.#at += length;
    return at;
  }

  #fail(message: string): never {
    fail(this.#reading.file, message);
  }
}
