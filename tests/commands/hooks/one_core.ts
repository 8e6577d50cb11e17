/** A machine of one core, whatever it has. */
Object.defineProperty(navigator, "hardwareConcurrency", { value: 1 });
