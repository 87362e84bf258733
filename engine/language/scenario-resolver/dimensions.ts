/** `vary`, `fault` and `when`: their names and values against what the scenario has. */
import { Diagnostics } from '../diagnostics.ts';
import type { Condition, Fault, VaryDimension } from '../scenario.ts';
import { Cursor } from '../scenario-parser/cursor.ts';
import { didYouMean } from '../scenario-parser/messages.ts';
import { parseValue } from '../scenario-parser/options.ts';
import { sameValue } from '../scenario-parser/quantities.ts';
import type {
  ConditionNode,
  FaultNode,
  Name,
  OptionNode,
  VaryNode,
} from '../scenario-parser/tree.ts';
import { type ArgumentKind, faultPoints, faultValues, wordsIn } from '../scenario-syntax.ts';
import type { SourceFile, SourceRange } from '../source.ts';
import { tokenize } from '../tokenizer.ts';
import { dimensionName } from '../variants.ts';
import { builtinNic, defaultMachine } from './builtin-machines.ts';
import { HardwareResolver } from './hardware.ts';
import type { Names } from './names.ts';

/** Options that one word or number decides, and that may therefore vary. */
const variable: ReadonlySet<ArgumentKind> = new Set(['flag', 'count', 'size', 'word', 'windows']);

/**
 * An option's value out of a `vary`, as if it stood in the declaration; what is wrong with it is reported at
 * the value. Undefined when it cannot be read.
 */
export function optionFromValue(
  owner: 'machine' | 'nic',
  option: string,
  value: string,
  range: SourceRange,
  diagnostics: Diagnostics,
): OptionNode | undefined {
  const entry = wordsIn(owner).get(option);
  if (entry?.argument === undefined) return undefined;
  const text = entry.argument === 'windows' && !value.startsWith('"') ? `"${value}"` : value;
  const file: SourceFile = { path: range.file.path, text, origin: 'user' };
  const scratch = new Diagnostics();
  const cursor = new Cursor(file, tokenize(file, 0, text.length, 'scenario').tokens, scratch);
  const parsed = parseValue(cursor, entry, entry.argument);
  if (parsed !== undefined && cursor.token !== undefined) cursor.expected('the end of the value');
  const node: OptionNode | undefined = parsed && {
    word: { text: option, range },
    value: parsed,
    valueRange: range,
  };
  const problem = scratch.all[0];
  if (problem !== undefined) {
    diagnostics.error('bad-value', range, problem.message, { documentation: 'language.md' });
    return undefined;
  }
  return node;
}

export class DimensionResolver {
  constructor(
    private readonly names: Names,
    private readonly diagnostics: Diagnostics,
    /** Names of the NICs that the scenario's hosts have. */
    private readonly nics: ReadonlySet<string>,
  ) {}

  vary(nodes: readonly VaryNode[]): VaryDimension[] {
    const dimensions: VaryDimension[] = [];
    for (const node of nodes) {
      const dimension = this.dimension(node);
      if (dimension === undefined || dimension.values.length === 0) continue;
      const earlier = dimensions.find((other) => dimensionName(other) === dimensionName(dimension));
      if (earlier === undefined) {
        dimensions.push(dimension);
      } else {
        this.error('repeated-vary', node.range, `'${dimensionName(dimension)}' varies already`);
      }
    }
    return dimensions;
  }

  faults(nodes: readonly FaultNode[]): Fault[] {
    return nodes.flatMap(({ point, ordinals, range }) => {
      this.checkPoint(point);
      return ordinals.map((ordinal) => ({ point: point.text, ordinal, range }));
    });
  }

  /** The condition with its value spelt as the `vary` spells it. */
  condition(
    node: ConditionNode | undefined,
    dimensions: readonly VaryDimension[],
  ): Condition | undefined {
    if (node === undefined) return undefined;
    const { operator, value } = node;
    const known = dimensions.map(dimensionName);
    const dimension = dimensions.find((other) => dimensionName(other) === node.variable.text);
    if (dimension === undefined) {
      this.error(
        'unknown-variable',
        node.variable.range,
        `Nothing varies '${node.variable.text}' in this scenario${didYouMean(node.variable.text, known, known.length === 0 ? "A condition compares a value of 'vary'" : `Varied: ${known.join(', ')}`)}`,
      );
      return { variable: node.variable.text, operator, value: value.text };
    }
    const spelt = dimension.values.find((other) => sameValue(other, value.text));
    const open = dimension.kind === 'fault' && /^[1-9]\d*$/.test(value.text);
    if (spelt === undefined && !open) {
      this.diagnostics.warning(
        'never-true',
        value.range,
        `'${node.variable.text}' never is ${value.text}: its values are ${shortened(dimension.values)}`,
        { documentation: 'language.md' },
      );
    }
    return { variable: node.variable.text, operator, value: spelt ?? value.text };
  }

  private error(code: string, range: SourceRange, message: string): void {
    this.diagnostics.error(code, range, message, { documentation: 'language.md' });
  }

  private dimension(node: VaryNode): VaryDimension | undefined {
    const { what, values, range } = node;
    this.checkDistinct(values);
    const texts = [...new Set(values.map(({ text }) => text))];
    switch (what.kind) {
      case 'define':
        return { kind: 'define', name: what.name.text, values: texts, range };
      case 'seed': {
        const odd = values.find(({ text }) => !/^\d{1,15}$/.test(text));
        if (odd !== undefined) {
          this.error('bad-value', odd.range, `A seed is a whole number, found '${odd.text}'`);
        }
        return { kind: 'seed', values: texts.filter((text) => /^\d{1,15}$/.test(text)), range };
      }
      case 'fault':
        return this.faultDimension(what.point, values, range);
      case 'member':
        return this.memberDimension(what.owner, what.option, values, range);
    }
  }

  private checkDistinct(values: readonly Name[]): void {
    const seen = new Set<string>();
    for (const { text, range } of values) {
      if (seen.has(text)) {
        this.diagnostics.warning('repeated-value', range, `The value ${text} is given twice`, {
          documentation: 'language.md',
        });
      }
      seen.add(text);
    }
  }

  private checkPoint(point: Name): void {
    if (faultPoints.some(({ word }) => word === point.text)) return;
    const words = faultPoints.map(({ word }) => word);
    this.error(
      'unknown-fault-point',
      point.range,
      `Calls of '${point.text}' cannot be made to fail${didYouMean(point.text, words, `Fault points: ${words.join(', ')}`)}`,
    );
  }

  private faultDimension(
    point: Name,
    values: readonly Name[],
    range: SourceRange,
  ): VaryDimension | undefined {
    this.checkPoint(point);
    const words = faultValues.map(({ word }) => word);
    const good = values.filter(({ text, range: place }) => {
      if (words.includes(text) || /^[1-9]\d{0,8}$/.test(text)) return true;
      this.error(
        'bad-value',
        place,
        `Expected 'none', 'each', 'every' or the number of a call, found '${text}'${didYouMean(text, words)}`,
      );
      return false;
    });
    return {
      kind: 'fault',
      point: point.text,
      values: [...new Set(good.map(({ text }) => text))],
      range,
    };
  }

  private memberDimension(
    owner: Name,
    option: Name | undefined,
    values: readonly Name[],
    range: SourceRange,
  ): VaryDimension | undefined {
    const kind = owner.text === 'machine' ? 'machine' : 'nic';
    if (kind === 'nic' && owner.text !== 'nic' && !this.nics.has(owner.text)) {
      const known = ['nic', 'machine', ...this.nics];
      this.error(
        'unknown-variable',
        owner.range,
        `There is no '${owner.text}' in this scenario to vary${didYouMean(owner.text, [...known, 'define', 'seed', 'fault'], `Expected 'define', 'seed', 'fault' or one of ${known.join(', ')}`)}`,
      );
      return undefined;
    }
    if (kind === 'nic' && owner.text !== 'nic') this.names.refer('nic', owner);
    const texts = this.memberValues(kind, option, values);
    return kind === 'machine'
      ? { kind, option: option?.text ?? '', values: texts, range }
      : { kind, name: owner.text, option: option?.text ?? '', values: texts, range };
  }

  private memberValues(
    kind: 'machine' | 'nic',
    option: Name | undefined,
    values: readonly Name[],
  ): string[] {
    if (option === undefined) {
      for (const value of values) {
        if (kind === 'machine') this.names.machine(value);
        else this.names.nic(value);
      }
      return [...new Set(values.map(({ text }) => text))];
    }
    const known = [...wordsIn(kind).values()].filter(
      ({ argument }) => argument !== undefined && variable.has(argument),
    );
    const entry = known.find(({ word }) => word === option.text);
    if (entry === undefined) {
      const words = known.map(({ word }) => word);
      this.error(
        'unknown-option',
        option.range,
        `'${option.text}' is no option of a ${kind === 'nic' ? 'NIC' : kind} that can vary${didYouMean(option.text, words, `Known options: ${words.join(', ')}`)}`,
      );
      return [];
    }
    const hardware = new HardwareResolver(this.diagnostics);
    const good = values.filter(({ text, range }) => {
      const node = optionFromValue(kind, option.text, text, range, this.diagnostics);
      if (node === undefined) return false;
      if (kind === 'nic') hardware.nic(builtinNic, '', [node], range);
      else if (option.text !== 'nodes') {
        hardware.machine(defaultMachine, '', [node], range);
      }
      return true;
    });
    return [...new Set(good.map(({ text }) => text))];
  }
}

function shortened(values: readonly string[]): string {
  return values.length <= 8
    ? values.join(', ')
    : `${values.slice(0, 6).join(', ')}, .. ${values.at(-1) ?? ''}`;
}
