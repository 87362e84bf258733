/** Variables of scopes and structures, by pages, and setting them. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { VariableInfo } from '../../../engine/index.ts';
import type { AdapterContext, VariablesTarget } from '../context.ts';
import { quietError, userError } from '../errors.ts';
import type { Handlers } from '../protocol.ts';
import { changed, warnIfInThePast } from '../state-changes.ts';

type Names = 'variables' | 'setVariable';

export const variableRequests = {
  variables(context, { variablesReference, filter, start, count }) {
    const session = context.stoppedSession;
    const { path, target } = container(context, variablesReference);
    if (filter !== undefined && !contains(target, filter)) return { variables: [] };
    const page = count === undefined || count === 0 ? undefined : count;
    const found = session.variables(target.engineHandle, start ?? 0, page);
    const seen = new Map<string, number>();
    return {
      variables: found.map((variable) => {
        // An inner block may declare a name again; each of the two needs a number of its own.
        const before = seen.get(variable.name) ?? 0;
        seen.set(variable.name, before + 1);
        const key = before === 0 ? variable.name : `${variable.name}#${before}`;
        return wireVariable(context, `${path}/${key}`, variable);
      }),
    };
  },

  setVariable(context, { variablesReference, name, value }) {
    const session = context.stoppedSession;
    const { path, target } = container(context, variablesReference);
    const past = warnIfInThePast(context);
    const result = session.setVariable(target.engineHandle, name, value);
    if (!result.ok) throw userError(result.message);
    past();
    changed(context, result.variable.memoryReference);
    return wireValue(context, `${path}/${name}`, result.variable);
  },
} satisfies Handlers<AdapterContext, Names>;

/** A variable as the client shows it; `path` gives its children a number that stays. */
function wireVariable(context: AdapterContext, path: string, variable: VariableInfo): Dap.Variable {
  const hint: Dap.VariablePresentationHint = {
    ...(variable.writable ? {} : { attributes: ['readOnly'] }),
    ...(variable.lazy ? { lazy: true } : {}),
  };
  return {
    name: variable.name,
    ...wireValue(context, path, variable),
    ...(variable.expression === undefined ? {} : { evaluateName: variable.expression }),
    ...(Object.keys(hint).length === 0 ? {} : { presentationHint: hint }),
  };
}

/** The part of it that every answer with a value has. */
export function wireValue(
  context: AdapterContext,
  path: string,
  variable: VariableInfo,
): Pick<
  Dap.Variable,
  | 'value'
  | 'type'
  | 'variablesReference'
  | 'namedVariables'
  | 'indexedVariables'
  | 'memoryReference'
> {
  return {
    value: variable.value,
    type: variable.type,
    variablesReference: context.variablesReference(path, variable),
    ...(variable.named === 0 ? {} : { namedVariables: variable.named }),
    ...(variable.indexed === 0 ? {} : { indexedVariables: variable.indexed }),
    ...(variable.memoryReference === undefined
      ? {}
      : { memoryReference: variable.memoryReference }),
  };
}

function container(context: AdapterContext, reference: number) {
  const found = context.variables.resolve(reference);
  if (found === undefined) throw quietError('This variable belongs to an earlier stop.');
  return found;
}

/** Whether a container has children of the kind; one whose children were not counted has names. */
function contains(target: VariablesTarget, filter: 'indexed' | 'named'): boolean {
  if (filter === 'indexed') return target.indexed > 0;
  return target.named === undefined || target.named > 0;
}
