// The protocol as a JSON schema, made from the declarations of @vscode/debugprotocol. Stricter than the published
// schema: a property that the protocol does not know is an error, which finds misspelt ones.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';

type Schema = Record<string, unknown>;

interface Declared {
  readonly base: string | undefined;
  readonly properties: Record<string, Schema>;
  readonly required: readonly string[];
  /** An index signature: whatever else is there must be of this kind. */
  readonly rest: Schema | undefined;
}

const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'[^']*'|[A-Za-z_]\w*|[{}[\]()|:;?=,]/g;

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly string[]) {}

  declarations(): Map<string, Declared> {
    const found = new Map<string, Declared>();
    while (this.at < this.tokens.length) {
      if (this.take('interface')) {
        const name = this.next();
        const base = this.take('extends') ? this.next() : undefined;
        found.set(name, { ...this.members(), base });
      } else if (this.take('type')) {
        const name = this.next();
        this.expect('=');
        found.set(name, { base: undefined, properties: {}, required: [], rest: this.type() });
      } else {
        this.at++;
      }
    }
    return found;
  }

  private members(): Declared {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    let rest: Schema | undefined;
    this.expect('{');
    while (!this.take('}')) {
      if (this.take('[')) {
        while (!this.take(']')) this.at++;
        this.expect(':');
        rest = this.type();
      } else {
        const name = this.next();
        if (!this.take('?')) required.push(name);
        this.expect(':');
        properties[name] = this.type();
      }
      this.take(';');
    }
    return { base: undefined, properties, required, rest };
  }

  private type(): Schema {
    const choices = [this.element()];
    while (this.take('|')) choices.push(this.element());
    return choices.length === 1 ? (choices[0] ?? {}) : { anyOf: choices };
  }

  private element(): Schema {
    let schema = this.primary();
    while (this.peek() === '[' && this.tokens[this.at + 1] === ']') {
      this.at += 2;
      schema = { type: 'array', items: schema };
    }
    return schema;
  }

  private primary(): Schema {
    if (this.take('(')) {
      const inner = this.type();
      this.expect(')');
      return inner;
    }
    if (this.peek() === '{') return objectSchema(this.members());
    const word = this.next();
    if (word.startsWith("'")) return { const: word.slice(1, -1) };
    if (word === 'any') return {};
    if (['string', 'number', 'boolean', 'object', 'null'].includes(word)) return { type: word };
    return { $ref: `#/$defs/${word}` };
  }

  private peek(): string | undefined {
    return this.tokens[this.at];
  }

  private next(): string {
    const found = this.tokens[this.at++];
    if (found === undefined) throw new Error('The declarations end too early.');
    return found;
  }

  private take(wanted: string): boolean {
    if (this.peek() !== wanted) return false;
    this.at++;
    return true;
  }

  private expect(wanted: string): void {
    const found = this.next();
    if (found !== wanted) throw new Error(`Expected ${wanted}, found ${found}.`);
  }
}

function objectSchema({ properties, required, rest }: Declared): Schema {
  return { type: 'object', properties, required, additionalProperties: rest ?? false };
}

/** Validates messages of both directions by what they are: `SetBreakpointsResponse`, `StoppedEvent` ... */
export class ProtocolSchema {
  private readonly declared: Map<string, Declared>;
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly ajv = new Ajv({ strict: false, allErrors: true });

  constructor() {
    const require = createRequire(import.meta.url);
    const path = require.resolve('@vscode/debugprotocol/lib/debugProtocol.d.ts');
    const words = readFileSync(path, 'utf8').match(token) ?? [];
    const tokens = words.filter((word) => !word.startsWith('/*') && !word.startsWith('//'));
    this.declared = new Parser(tokens).declarations();
    this.ajv.addSchema({ $id: 'dap', $defs: this.definitions() });
  }

  /** What is wrong with a message; empty when nothing is, or when the message is one of our own kinds. */
  problems(message: object): string[] {
    const name = this.nameOf(message);
    if (name === undefined) return [];
    const validate = this.validator(name);
    if (validate(message)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message: text, params }) =>
        `${name}${instancePath} ${text} ${JSON.stringify(params)}`,
    );
  }

  private nameOf(message: object): string | undefined {
    const { type, command, event, success } = message as Record<string, unknown>;
    if (type === 'response' && success === false) return 'ErrorResponse';
    const word = String(type === 'event' ? event : command);
    if (word.startsWith('dms/')) return undefined;
    const kind = { request: 'Request', response: 'Response', event: 'Event' }[type as string];
    const name = `${word.charAt(0).toUpperCase()}${word.slice(1)}${kind}`;
    if (!this.declared.has(name)) throw new Error(`The protocol has no ${name}.`);
    return name;
  }

  private validator(name: string): ValidateFunction {
    let validate = this.validators.get(name);
    if (validate === undefined) {
      validate = this.ajv.compile({ $ref: `dap#/$defs/${name}` });
      this.validators.set(name, validate);
    }
    return validate;
  }

  private definitions(): Record<string, Schema> {
    const entries = [...this.declared].map(([name, own]): [string, Schema] => {
      if (own.base === undefined && Object.keys(own.properties).length === 0 && own.rest) {
        return [name, own.rest]; // an alias
      }
      return [name, this.open(name, objectSchema(this.inherited(own)))];
    });
    return Object.fromEntries(entries);
  }

  /** Launch arguments are each debugger's own. */
  private open(name: string, schema: Schema): Schema {
    return /^(Launch|Attach)RequestArguments$/.test(name)
      ? { ...schema, additionalProperties: true }
      : schema;
  }

  private inherited(own: Declared): Declared {
    const base = own.base === undefined ? undefined : this.declared.get(own.base);
    if (base === undefined) return own;
    const { properties, required, rest } = this.inherited(base);
    return {
      base: undefined,
      properties: { ...properties, ...own.properties },
      required: [...required, ...own.required],
      rest: own.rest ?? rest,
    };
  }
}
