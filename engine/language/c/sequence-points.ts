/** Objects that one expression changes and uses in an order that C leaves open (C11 6.5, 2). */
import type { Expression, Initializer, Variable } from '../program.ts';
import type { Context } from './context.ts';
import { isOwnText } from './narrowing.ts';

/** Objects, known by name, that an expression reads and changes. What a pointer leads to is not followed. */
interface Effects {
  readonly reads: ReadonlySet<Variable>;
  readonly writes: ReadonlySet<Variable>;
}

const none: Effects = { reads: new Set(), writes: new Set() };

/** Checks a full expression: `i = i++`, `a[i] = i++` and `f(i++, i)` mean different things to different compilers. */
export function checkSequence(context: Context, expression: Expression): void {
  if (isOwnText(expression)) effectsOf(expression);

  function effectsOf(node: Expression): Effects {
    switch (node.kind) {
      case 'variable':
        return { reads: new Set([node.variable]), writes: none.writes };
      case 'addressOf':
        // An address does not depend on what is there.
        return node.operand.kind === 'variable' ? none : effectsOf(node.operand);
      case 'dereference':
      case 'convert':
      case 'negate':
      case 'complement':
      case 'not':
        return effectsOf(node.operand);
      case 'member':
        return effectsOf(node.object);
      case 'and':
      case 'or':
      case 'comma':
        return inOrder([effectsOf(node.left), effectsOf(node.right)]);
      case 'conditional':
        return inOrder([
          effectsOf(node.condition),
          effectsOf(node.whenTrue),
          effectsOf(node.whenFalse),
        ]);
      case 'binary':
      case 'compare':
      case 'pointerDifference':
        return inAnyOrder(node, [effectsOf(node.left), effectsOf(node.right)]);
      case 'pointerAdd':
        return inAnyOrder(node, [effectsOf(node.pointer), effectsOf(node.index)]);
      case 'call':
        return inAnyOrder(node, [node.callee, ...node.arguments].map(effectsOf));
      case 'increment':
        return changed(node, node.target, none);
      case 'assign':
      case 'compoundAssign':
        return changed(node, node.target, effectsOf(node.value));
      case 'pointerAssign':
        return changed(node, node.target, effectsOf(node.index));
      case 'compoundLiteral':
        return inOrder(valuesOf(node.initializer).map(effectsOf));
      default:
        return none;
    }
  }

  /** The target is written after both sides are known, but in no order with what they write. */
  function changed(node: Expression, target: Expression, value: Effects): Effects {
    if (target.kind !== 'variable') return inAnyOrder(node, [effectsOf(target), value]);
    const { variable } = target;
    if (value.writes.has(variable)) report(node, variable);
    return { reads: value.reads, writes: new Set(value.writes).add(variable) };
  }

  /** Parts that a compiler may compute in any order, or interleave. */
  function inAnyOrder(node: Expression, parts: readonly Effects[]): Effects {
    for (const part of parts) {
      for (const variable of part.writes) {
        const isUsed = parts.some(
          (other) => other !== part && (other.reads.has(variable) || other.writes.has(variable)),
        );
        if (isUsed) report(node, variable);
      }
    }
    return inOrder(parts);
  }

  function report(node: Expression, variable: Variable): void {
    context.warning(
      'unsequenced',
      node,
      `this changes '${variable.name}' and uses it in an order that C leaves open`,
    );
  }
}

/** Parts of which each is done before the next one begins. */
function inOrder(parts: readonly Effects[]): Effects {
  const busy = parts.filter(({ reads, writes }) => reads.size + writes.size > 0);
  const [only] = busy;
  if (only === undefined) return none;
  if (busy.length === 1) return only;
  return {
    reads: new Set(busy.flatMap(({ reads }) => [...reads])),
    writes: new Set(busy.flatMap(({ writes }) => [...writes])),
  };
}

function valuesOf(initializer: Initializer): readonly Expression[] {
  if (initializer.kind === 'value') return [initializer.value];
  if (initializer.kind === 'bytes') return [];
  return initializer.items.flatMap((item) => valuesOf(item.initializer));
}
