/**
 * The checked program: what the C front end answers and the vm lowers. Every implicit conversion is explicit
 * here, every constant is folded, every name is bound; lowering needs no rule of C beyond what a node says.
 */
import type { Int64 } from '../base/int64.ts';
import type { SourceFile, SourceRange } from './source.ts';
import type { MacroUse } from './tokens.ts';
import type { CType, FunctionType, Member, RecordType } from './types.ts';

/** An object with storage. Identity is by object. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
  type: CType;
  /** `static`: module lifetime (file scope, or a static local); `automatic`: in the frame; `parameter`: too. */
  readonly storage: 'static' | 'automatic' | 'parameter';
  /** Visible to other source files of the module (file scope without `static`). */
  readonly external: boolean;
  /** Declared here but defined elsewhere (`extern` without initialiser). */
  defined: boolean;
  readonly range: SourceRange;
  /** `__declspec(align(n))`, or 0. */
  readonly alignment: number;
  /** For static storage; constant expressions and addresses only. */
  initializer: Initializer | undefined;
  /** The function that it is local to. */
  readonly owner: FunctionSymbol | undefined;
  /** The statement range in which the debugger shows it (its block). */
  scope: SourceRange | undefined;
  readonly documentation?: string;
}

/** A function: a definition, or a prototype that a native routine or another module satisfies. */
export interface FunctionSymbol {
  readonly kind: 'function';
  readonly name: string;
  type: FunctionType;
  /** `static` at file scope: seen only by its own source file. */
  readonly internal: boolean;
  /** `inline`, `FORCEINLINE`. */
  readonly inline: boolean;
  /** The declaration to show: the definition's name, else the first prototype's. */
  range: SourceRange;
  body: FunctionBody | undefined;
  /** The doc comment of the declaration in its header. */
  documentation?: string;
  /** Named by `#pragma alloc_text(SECTION, f)`: the section (`PAGE`, `INIT`, ...). */
  section?: string;
  /** `__declspec(noreturn)`. */
  noReturn?: boolean;
}

export interface FunctionBody {
  readonly parameters: readonly Variable[];
  /** Automatic variables of all blocks, in order of declaration. */
  readonly locals: readonly Variable[];
  readonly block: BlockStatement;
  /** The whole definition. */
  readonly range: SourceRange;
}

/** One translation unit after checking. */
export interface Unit {
  readonly file: SourceFile;
  readonly functions: readonly FunctionSymbol[];
  /** File-scope and static local variables. */
  readonly variables: readonly Variable[];
  readonly typedefs: ReadonlyMap<string, TypedefSymbol>;
  /** Records by tag and by typedef name are reachable from here. */
  readonly tags: ReadonlyMap<string, CType>;
  readonly enumerators: ReadonlyMap<string, EnumeratorSymbol>;
  readonly macros: ReadonlyMap<string, MacroSymbol>;
  /** Every use of a name, for hover, definition, references, rename; in text order for each file. */
  readonly references: readonly Reference[];
  /** Files that this unit included, itself first. */
  readonly files: readonly SourceFile[];
}

export interface TypedefSymbol {
  readonly kind: 'typedef';
  readonly name: string;
  readonly type: CType;
  readonly range: SourceRange;
  readonly documentation?: string;
}

export interface EnumeratorSymbol {
  readonly kind: 'enumerator';
  readonly name: string;
  readonly value: number;
  readonly type: CType;
  readonly range: SourceRange;
  readonly documentation?: string;
}

export interface MacroSymbol {
  readonly kind: 'macro';
  readonly name: string;
  /** Undefined for an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean;
  /** The replacement as written. */
  readonly replacement: string;
  /** Undefined for a predefined macro. */
  readonly range: SourceRange | undefined;
  readonly documentation?: string | undefined;
}

export interface MemberSymbol {
  readonly kind: 'member';
  readonly member: Member;
  readonly record: RecordType;
}

export interface TagSymbol {
  readonly kind: 'tag';
  readonly type: CType;
  readonly range: SourceRange;
}

export type Symbol =
  | Variable
  | FunctionSymbol
  | TypedefSymbol
  | EnumeratorSymbol
  | MacroSymbol
  | MemberSymbol
  | TagSymbol;

export interface Reference {
  readonly range: SourceRange;
  readonly symbol: Symbol;
  /** `update`: written, and the value goes on, as in `while (count++ < 3)`. */
  readonly use: 'declaration' | 'definition' | 'read' | 'write' | 'update' | 'call' | 'address';
}

// ---- Expressions -----------------------------------------------------------------------------------

interface ExpressionBase {
  readonly type: CType;
  readonly range: SourceRange;
  /** The innermost macro that the expression came from. */
  readonly macro?: MacroUse;
}

/** Operators on two values of one type (the node's operands were converted to it). */
export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type ComparisonOperator = '<' | '>' | '<=' | '>=' | '==' | '!=';

export type Expression = ExpressionBase &
  (
    | { readonly kind: 'integer'; readonly value: Int64 } // also null pointers and enumerators
    | { readonly kind: 'floating'; readonly value: number }
    /** Lvalue of array type; the bytes include the terminator. Equal literals of a module may share storage. */
    | { readonly kind: 'string'; readonly bytes: Uint8Array }
    /** Lvalue. */
    | { readonly kind: 'variable'; readonly variable: Variable }
    /** Function designator; its address is taken by `addressOf` or a `convert`. */
    | { readonly kind: 'function'; readonly function: FunctionSymbol }
    /** Lvalue: what a pointer points at. */
    | { readonly kind: 'dereference'; readonly operand: Expression }
    /** Lvalue when `object` is one. `member.offset` counts from the object's start. */
    | { readonly kind: 'member'; readonly object: Expression; readonly member: Member }
    /** Of an lvalue or a function designator. */
    | { readonly kind: 'addressOf'; readonly operand: Expression }
    /**
     * Array lvalue -> pointer to its first element, function designator -> pointer, integer, floating and
     * pointer conversions, anything -> void. Value -> value unless the operand is array or function.
     */
    | { readonly kind: 'convert'; readonly operand: Expression; readonly implicit: boolean }
    | { readonly kind: 'negate' | 'complement'; readonly operand: Expression }
    /** `!`: 0 or 1 as int. */
    | { readonly kind: 'not'; readonly operand: Expression }
    /** For shifts the right operand keeps its own promoted type. */
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    /** Operands of one type; the result is int. Pointers compare unsigned. */
    | {
        readonly kind: 'compare';
        readonly operator: ComparisonOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    /** `pointer + index * scale` (scale negative for subtraction); the index is a 64-bit integer. */
    | {
        readonly kind: 'pointerAdd';
        readonly pointer: Expression;
        readonly index: Expression;
        readonly scale: number;
      }
    /** `(left - right) / scale` as long long. */
    | {
        readonly kind: 'pointerDifference';
        readonly left: Expression;
        readonly right: Expression;
        readonly scale: number;
      }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: 'conditional';
        readonly condition: Expression;
        readonly whenTrue: Expression;
        readonly whenFalse: Expression;
      }
    | { readonly kind: 'comma'; readonly left: Expression; readonly right: Expression }
    /** The value has the target's type (records too). The result is the stored value. */
    | { readonly kind: 'assign'; readonly target: Expression; readonly value: Expression }
    /**
     * `target = (type)((computation)target op value)`; the value has the computation type (the promoted
     * right operand's for shifts).
     */
    | {
        readonly kind: 'compoundAssign';
        readonly target: Expression;
        readonly operator: BinaryOperator;
        readonly value: Expression;
        readonly computation: CType;
      }
    /** `p += index * scale` on a pointer. */
    | {
        readonly kind: 'pointerAssign';
        readonly target: Expression;
        readonly index: Expression;
        readonly scale: number;
      }
    /** `++`/`--`; `step` is +-1, scaled for pointers. */
    | {
        readonly kind: 'increment';
        readonly target: Expression;
        readonly step: number;
        readonly prefix: boolean;
      }
    /** Arguments are converted to the parameter types (default promotions beyond them). */
    | {
        readonly kind: 'call';
        /** A value of pointer-to-function type, or a `function` designator for a direct call. */
        readonly callee: Expression;
        readonly arguments: readonly Expression[];
      }
    /** Lvalue: an unnamed object, initialised each time when it is reached. */
    | {
        readonly kind: 'compoundLiteral';
        readonly variable: Variable;
        readonly initializer: Initializer;
      }
    /** `__va_start(&ap, last)`: stores the address of the first variadic argument at `list`. */
    | { readonly kind: 'vaStart'; readonly list: Expression }
    /** Lvalue: the next variadic argument, of the node's type; advances the list that `list` points at. */
    | { readonly kind: 'vaArg'; readonly list: Expression }
    /** `GetExceptionCode()` and `GetExceptionInformation()` in filters and handlers. */
    | { readonly kind: 'exceptionCode' | 'exceptionInformation' | 'abnormalTermination' }
    /** A place that could not be checked; an error was reported. */
    | { readonly kind: 'error' }
  );

/** How an object gets its first value. Everything not named is zero. */
export type Initializer =
  | { readonly kind: 'value'; readonly value: Expression }
  /** A character array from a literal. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly range: SourceRange }
  /** Elements or members by byte offset (and bit-field), in order of evaluation. */
  | {
      readonly kind: 'list';
      readonly range: SourceRange;
      readonly items: readonly InitializerItem[];
    };

export interface InitializerItem {
  readonly offset: number;
  readonly type: CType;
  readonly bits?: Member['bits'];
  readonly initializer: Initializer;
}

// ---- Statements ------------------------------------------------------------------------------------

interface StatementBase {
  readonly range: SourceRange;
}

export type BlockStatement = StatementBase & {
  readonly kind: 'block';
  readonly statements: readonly Statement[];
};

export type Statement =
  | BlockStatement
  | (StatementBase &
      (
        | { readonly kind: 'expression'; readonly expression: Expression }
        /** Automatic variables with their initialisers (static ones are in `Unit.variables`). */
        | {
            readonly kind: 'declaration';
            readonly variables: readonly {
              readonly variable: Variable;
              readonly initializer: Initializer | undefined;
              /** The declarator with its initialiser: what a step shows. */
              readonly range: SourceRange;
            }[];
          }
        | {
            readonly kind: 'if';
            readonly condition: Expression;
            readonly whenTrue: Statement;
            readonly whenFalse: Statement | undefined;
          }
        | { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement }
        | { readonly kind: 'do'; readonly condition: Expression; readonly body: Statement }
        | {
            readonly kind: 'for';
            readonly initial: Statement | undefined;
            readonly condition: Expression | undefined;
            readonly step: Expression | undefined;
            readonly body: Statement;
          }
        | { readonly kind: 'switch'; readonly value: Expression; readonly body: Statement }
        | { readonly kind: 'case'; readonly value: Int64; readonly body: Statement }
        | { readonly kind: 'default'; readonly body: Statement }
        | { readonly kind: 'break' | 'continue' | 'empty' | 'leave' | 'breakpoint' }
        | { readonly kind: 'goto'; readonly label: string; readonly labelRange: SourceRange }
        | { readonly kind: 'label'; readonly name: string; readonly body: Statement }
        | { readonly kind: 'return'; readonly value: Expression | undefined }
        | {
            readonly kind: 'tryExcept';
            readonly body: BlockStatement;
            /** Type int; evaluated as a filter. */
            readonly filter: Expression;
            readonly handler: BlockStatement;
          }
        | {
            readonly kind: 'tryFinally';
            readonly body: BlockStatement;
            readonly handler: BlockStatement;
          }
      ));
