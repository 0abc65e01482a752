import { type Decimal, dec } from "#src/core/decimal.ts";
import type { Side } from "#src/core/hedge.ts";

/** A case's fields as the file has them: decimal text, numbers, lists. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: unknown) {
    this.#values = new Map(Object.entries(Object(values)));
  }

  raw(name: string): unknown {
    return this.#values.get(name);
  }

  text(name: string): string | null {
    const value = this.raw(name);
    return value === undefined || value === null ? null : String(value);
  }

  decimal(name: string, fallback?: string): Decimal {
    const text = this.text(name) ?? fallback;
    if (text === undefined) throw new Error(`the case has no ${name}`);
    return dec(text);
  }

  optional(name: string): Decimal | null {
    const text = this.text(name);
    return text === null ? null : dec(text);
  }

  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    return Array.isArray(value) ? value : [];
  }

  inner(name: string): Fields {
    return new Fields(this.raw(name));
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }
}

export function sideOf(input: Fields): Side {
  return input.text("side") === "short" ? "short" : "long";
}

export function decimals(list: readonly unknown[]): readonly Decimal[] {
  return list.map((item) => dec(String(item)));
}
