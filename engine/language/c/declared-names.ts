/** What declarators declare: typedefs, functions and objects, each once or again. */
import type { FunctionSymbol, Initializer, TypedefSymbol, Variable } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { CType, FunctionType } from '../types.ts';
import { declarationOf, integerTypes, isInteger, sizeOf, typeName } from '../types.ts';
import { firstNotConstant } from './constants.ts';
import type { Context } from './context.ts';
import {
  isComplete,
  isUnknown,
  named,
  sameQualified,
  sameType,
  unknownType,
} from './conversions.ts';
import type { Declarations, Specifiers } from './declarations.ts';
import type { Declarator } from './declarators.ts';
import type { Initializers } from './initializers.ts';
import { isOwnText } from './narrowing.ts';
import { reportRedefinition } from './redeclarations.ts';
import type { Ordinary } from './scopes.ts';
import { namedTypedef } from './scopes.ts';

/** Changes of what earlier text declared go through `context.change`, so that a check of a function before can undo them. */
export class DeclaredNames {
  constructor(
    private readonly context: Context,
    private readonly declarations: Declarations,
    private readonly initializers: Initializers,
  ) {}

  /** Declares a declarator's name as a typedef, function or variable, with its initialiser if one follows. */
  declare(
    specifiers: Specifiers,
    declarator: Declarator,
    type: CType,
  ): { variable: Variable; initializer: Initializer | undefined } | undefined {
    const { name } = declarator;
    if (name === undefined) return undefined;
    if (specifiers.storage === 'typedef') {
      this.declareTypedef(specifiers, name, type);
      return undefined;
    }
    if (type.kind === 'function') {
      this.declareFunction(specifiers, name, type, false);
      return undefined;
    }
    const { variable, isNew } = this.declareVariable(specifiers, name, type);
    let initializer: Initializer | undefined;
    const { cursor } = this.context;
    if (cursor.at('=')) {
      if (this.context.open !== undefined) this.context.initialised.add(variable);
      initializer = this.initialise(specifiers, name, variable, cursor.advance());
    }
    if (!isUnknown(variable.type) && !isComplete(variable.type)) {
      this.checkComplete(specifiers, name, variable);
    }
    if (isNew && this.context.open !== undefined && variable.storage === 'automatic') {
      this.context.open.locals.push(variable);
    }
    return { variable, initializer };
  }

  /**
   * An object needs a type whose size is known; an array of the file scope may get its length
   * later.
   */
  private checkComplete(specifiers: Specifiers, name: Token, variable: Variable): void {
    const { type } = variable;
    if (specifiers.storage === 'extern') return;
    const isTentative = type.kind === 'array' && this.context.scopes.isFileScope;
    if (isTentative) return;
    this.context.error(
      type.kind === 'void' ? 'void-variable' : 'incomplete-type',
      name,
      type.kind === 'void'
        ? `'${name.text}' cannot be void`
        : type.kind === 'array'
          ? `the array '${name.text}' needs a length or an initialiser`
          : `'${name.text}' has the type ${typeName(type)}, which is declared but not defined here`,
    );
    this.context.change(variable, 'type', unknownType);
  }

  /** The part behind `=`. Static storage takes constants and addresses only. */
  private initialise(
    specifiers: Specifiers,
    name: Token,
    variable: Variable,
    equals: Token,
  ): Initializer | undefined {
    if (specifiers.storage === 'extern' && !this.context.scopes.isFileScope) {
      this.context.error(
        'storage-class',
        equals,
        "'extern' inside a function takes no initialiser",
      );
    }
    if (variable.type.kind !== 'array' && !isComplete(variable.type)) {
      this.declarations.expressions.assignment();
      return undefined;
    }
    const { initializer, type } = this.initializers.parse(variable.type, name.text);
    this.context.change(variable, 'type', type);
    if (variable.storage !== 'static') return initializer;
    if (variable.initializer !== undefined)
      reportRedefinition(this.context, name, variable.range, name.text);
    const culprit = firstNotConstant(initializer);
    if (culprit !== undefined) {
      this.context.error(
        'not-constant',
        culprit,
        `the initialiser of '${name.text}' must be constant: it has static storage`,
      );
    } else {
      this.context.change(variable, 'initializer', initializer);
    }
    this.context.change(variable, 'defined', true);
    return initializer;
  }

  /** The same typedef may be repeated, as C11 allows. */
  private declareTypedef(specifiers: Specifiers, name: Token, declared: CType): void {
    const { scopes } = this.context;
    // In C, wchar_t is the name of an integer type; keeping it apart lets its values be shown as characters.
    const type =
      name.text === 'wchar_t' && declared.kind === 'integer' && declared.size === 2
        ? integerTypes.wchar_t
        : declared;
    const known = scopes.ordinary.findHere(name.text);
    if (known !== undefined) {
      const isSame =
        known.kind === 'typedef' && (sameQualified(known.type, type) || isUnknown(type));
      if (!isSame) {
        this.conflict(name, known, declarationOf(type, name.text), 'typedef');
      } else {
        this.context.reference(name, known, 'declaration');
        return;
      }
    }
    const documentation = this.declarations.documentationOf(specifiers.first, specifiers.before);
    const symbol = namedTypedef({
      kind: 'typedef',
      name: name.text,
      type,
      range: name.range,
      ...(documentation === undefined ? {} : { documentation }),
    } satisfies TypedefSymbol);
    scopes.ordinary.declare(name.text, symbol);
    this.context.reference(name, symbol, 'definition');
    // `typedef struct { .. } NAME, *PNAME;`: the pointer's target is best shown as NAME.
    const isNamelessRecord = type.kind === 'record' && type.definition.tag === undefined;
    if (isNamelessRecord && type === specifiers.type && type.alias === undefined) {
      specifiers.type = named(type, name.text);
    }
  }

  /** One name for two kinds of things. A name of unknown type was complained about already. */
  private conflict(name: Token, known: Ordinary, now: string, what: string): void {
    const { range } = known;
    if (isUnknown(known.type)) return;
    this.context.error(
      'conflicting-types',
      name,
      `'${name.text}' is declared as ${what === 'typedef' ? 'a type ' : ''}${now}, but before as something else`,
      { related: [{ message: 'the declaration before is here', range }] },
    );
  }

  /** Declares a function, or finds the one that was declared before. */
  declareFunction(
    specifiers: Specifiers,
    name: Token,
    type: FunctionType,
    isDefinition: boolean,
  ): FunctionSymbol {
    const { scopes } = this.context;
    if (!scopes.isFileScope) this.context.reachesOut = true;
    const here = scopes.ordinary.findHere(name.text);
    const declared = here ?? scopes.ordinary.findOutermost(name.text);
    const documentation = this.declarations.documentationOf(specifiers.first, specifiers.before);
    const isEmptyList = type.unprototyped && this.context.cursor.previous.text === ')';
    if (isEmptyList && declared === undefined && isOwnText(name)) {
      this.context.report(
        isDefinition ? 'hint' : 'information',
        'no-prototype',
        name,
        `'${name.text}' does not say which arguments it takes, so its calls are not checked; '(void)' says none`,
      );
    }
    if (declared?.kind === 'function') {
      if (specifiers.storage === 'static' && !declared.internal) {
        // The Microsoft compiler goes on (C4211); for C itself it is an error.
        this.context.report(
          'information',
          'linkage',
          name,
          `'${name.text}' is static here, but was declared without it`,
          { related: [{ message: 'the declaration before is here', range: declared.range }] },
        );
      }
      const adds =
        isDefinition ||
        (declared.type.unprototyped && !type.unprototyped) ||
        (documentation !== undefined && declared.documentation === undefined) ||
        (specifiers.noReturn && declared.noReturn !== true);
      const known = adds ? this.context.ownFunction(declared) : declared;
      if (!isUnknown(type) && !isUnknown(known.type) && !this.agree(known.type, type)) {
        this.context.error(
          'conflicting-types',
          name,
          `'${name.text}' is declared as ${declarationOf(type, name.text)}, but before as ${declarationOf(known.type, name.text)}`,
          { related: [{ message: 'the declaration before is here', range: known.range }] },
        );
      }
      if (isDefinition) {
        if (known.body !== undefined)
          reportRedefinition(this.context, name, known.range, name.text);
        this.context.change(known, 'type', type);
        this.context.change(known, 'range', name.range);
      } else if (known.type.unprototyped && !type.unprototyped) {
        this.context.change(known, 'type', type);
      }
      if (documentation !== undefined && known.documentation === undefined) {
        this.context.change(known, 'documentation', documentation);
      }
      if (specifiers.noReturn) this.context.change(known, 'noReturn', true);
      this.context.reference(name, known, isDefinition ? 'definition' : 'declaration');
      if (here === undefined) scopes.ordinary.declare(name.text, known);
      return known;
    }
    if (here !== undefined) {
      this.conflict(name, here, declarationOf(type, name.text), 'function');
    }
    const symbol: FunctionSymbol = {
      kind: 'function',
      name: name.text,
      type,
      internal: specifiers.storage === 'static',
      inline: specifiers.inline,
      range: name.range,
      body: undefined,
      ...(documentation === undefined ? {} : { documentation }),
      ...(specifiers.noReturn ? { noReturn: true } : {}),
    };
    this.context.functions.push(symbol);
    scopes.ordinary.declare(name.text, symbol);
    this.context.reference(name, symbol, isDefinition ? 'definition' : 'declaration');
    return symbol;
  }

  /** Whether two declarations of a function may stand beside each other. */
  private agree(before: FunctionType, now: FunctionType): boolean {
    if (sameType(before, now)) return true;
    const close = (a: CType, b: CType): boolean =>
      sameType(a, b) ||
      (isInteger(a) && isInteger(b) && sizeOf(a) === sizeOf(b)) ||
      isUnknown(a) ||
      isUnknown(b);
    return (
      close(before.result, now.result) &&
      before.variadic === now.variadic &&
      before.parameters.length === now.parameters.length &&
      before.parameters.every((parameter, index) => {
        const other = now.parameters[index];
        return other !== undefined && close(parameter.type, other.type);
      })
    );
  }

  /**
   * Declares an object. At file scope declarations of one name mean one object, and `extern` in a
   * block means that of the file scope.
   */
  private declareVariable(
    specifiers: Specifiers,
    name: Token,
    type: CType,
  ): { variable: Variable; isNew: boolean } {
    const { scopes, open } = this.context;
    const isFileScope = scopes.isFileScope;
    if (specifiers.inline && isOwnText(name)) {
      this.context.warning(
        'storage-class',
        name,
        `'${name.text}' is no function: 'inline' means nothing`,
      );
    }
    const isExtern = specifiers.storage === 'extern';
    if (isExtern && !isFileScope) this.context.reachesOut = true;
    const here = scopes.ordinary.findHere(name.text);
    const found =
      here ?? (isExtern && !isFileScope ? scopes.ordinary.findOutermost(name.text) : undefined);
    if (found !== undefined) {
      const mayRepeat = isFileScope || isExtern;
      if (found.kind === 'variable' && found.storage === 'static' && mayRepeat) {
        const lacksLength = found.type.kind === 'array' && found.type.length === undefined;
        const adds = !isExtern || lacksLength || this.context.cursor.at('=');
        const known = adds ? this.context.ownVariable(found) : found;
        if (!sameType(known.type, type) && !isUnknown(type) && !isUnknown(known.type)) {
          this.context.error(
            'conflicting-types',
            name,
            `'${name.text}' is declared as ${declarationOf(type, name.text)}, but before as ${declarationOf(known.type, name.text)}`,
            { related: [{ message: 'the declaration before is here', range: known.range }] },
          );
        } else if (lacksLength) {
          this.context.change(known, 'type', type);
        }
        if (isFileScope && !isExtern && isOwnText(name)) this.checkLinkage(specifiers, name, known);
        if (!isExtern) this.context.change(known, 'defined', true);
        this.context.reference(name, known, isExtern ? 'declaration' : 'definition');
        if (here === undefined) scopes.ordinary.declare(name.text, known);
        return { variable: known, isNew: false };
      }
      if (here !== undefined) {
        if (found.kind === 'variable')
          reportRedefinition(this.context, name, found.range, name.text);
        else this.conflict(name, found, declarationOf(type, name.text), 'variable');
      }
    }
    const isStatic = isFileScope || isExtern || specifiers.storage === 'static';
    const documentation = isFileScope
      ? this.declarations.documentationOf(specifiers.first, specifiers.before)
      : undefined;
    const variable: Variable = {
      kind: 'variable',
      name: name.text,
      type,
      storage: isStatic ? 'static' : 'automatic',
      external: (isFileScope || isExtern) && specifiers.storage !== 'static',
      defined: !isExtern,
      range: name.range,
      alignment: specifiers.alignment,
      initializer: undefined,
      owner: isExtern || isFileScope ? undefined : open?.symbol,
      scope: undefined,
      ...(documentation === undefined ? {} : { documentation }),
    };
    if (isStatic) this.context.variables.push(variable);
    scopes.ordinary.declare(name.text, variable);
    this.context.reference(name, variable, isExtern ? 'declaration' : 'definition');
    return { variable, isNew: true };
  }

  /** One object is either seen by other files or not (C2370). */
  private checkLinkage(specifiers: Specifiers, name: Token, known: Variable): void {
    const isExternal = specifiers.storage !== 'static';
    if (isExternal === known.external) return;
    this.context.error(
      'linkage',
      name,
      `'${name.text}' is ${isExternal ? 'not static here, but was declared static' : 'static here, but was declared without it'}`,
      { related: [{ message: 'the declaration before is here', range: known.range }] },
    );
  }
}
