/** Names for storage, so that a rule can follow a pointer from where it is stored to where it is used. */
import type { Expression, Variable } from '../../language/program.ts';
import { unconverted } from './routines.ts';

export interface Place {
  /** Equal for equal storage within one function. */
  readonly key: string;
  /** How a reader writes it: `extension->Adapter`. */
  readonly text: string;
  /** The variable that the path begins with. */
  readonly root: Variable;
  /** Storage that outlives the call: a static, or what a pointer leads to. */
  readonly escapes: boolean;
  /**
   * Equal for the same member of the same structure in any function, or for the same static:
   * `_PROXY_EXTENSION.Adapter`. Undefined for automatic variables.
   */
  readonly shared: string | undefined;
}

/** Equal names in different scopes must differ. */
function identityOf(variable: Variable): string {
  return `${variable.name}@${variable.range.file.path}:${variable.range.start}`;
}

/** The place that an lvalue names, when it is a variable or a path of members from one. */
export function placeOf(expression: Expression): Place | undefined {
  const lvalue = unconverted(expression);
  switch (lvalue.kind) {
    case 'variable': {
      const isStatic = lvalue.variable.storage === 'static';
      return {
        key: identityOf(lvalue.variable),
        text: lvalue.variable.name,
        root: lvalue.variable,
        escapes: isStatic,
        shared: isStatic ? `static ${identityOf(lvalue.variable)}` : undefined,
      };
    }
    case 'member': {
      const object = placeOf(lvalue.object);
      if (object === undefined) return undefined;
      const throughPointer = object.text.startsWith('*');
      const name = lvalue.member.name ?? '';
      const base = throughPointer ? object.text.slice(1) : object.text;
      const record = lvalue.object.type;
      const tag = record.kind === 'record' ? (record.definition.tag ?? record.alias ?? '') : '';
      return {
        key: `${object.key}.${name}`,
        text: name === '' ? object.text : `${base}${throughPointer ? '->' : '.'}${name}`,
        root: object.root,
        escapes: object.escapes,
        shared: object.escapes ? `${tag}.${name}` : undefined,
      };
    }
    case 'dereference': {
      const pointer = placeOf(lvalue.operand);
      return (
        pointer && {
          key: `*${pointer.key}`,
          text: `*${pointer.text}`,
          root: pointer.root,
          escapes: true,
          shared: undefined,
        }
      );
    }
    case 'pointerAdd': {
      // An element of an array or of a table: all elements count as one place.
      const base = placeOf(lvalue.pointer);
      return base && { ...base, key: `${base.key}[]` };
    }
    case 'addressOf':
      return placeOf(lvalue.operand);
    default:
      return undefined;
  }
}
