import jsep from 'jsep';
import { fault, faultText, type Fault, type FaultCode } from '../fault.js';
import { type PointValue } from '../model.js';

/**
 * The language of derived values: numbers, true and false, texts in quotes, the names of the rule, `+ - * / % **`, `< <= > >= == !=`,
 * `&& || !`, `condition ? a : b`, brackets, and the functions below. jsep only reads the text; what is not named here is refused when
 * the rule is read, so there is no way to a member, an object or a function of the program. [AL83]
 */
export type Compiled = (values: ReadonlyMap<string, PointValue>) => PointValue | undefined;

/** Why an expression has no value. */
export class ExpressionError extends Error {
  constructor(readonly fault: Fault) {
    super(faultText(fault).en);
  }
}

const MAX_LENGTH = 500;
const MAX_PARTS = 100;

const FUNCTIONS: ReadonlyMap<
  string,
  { readonly least: number; readonly most: number; readonly of: (...numbers: number[]) => number }
> = new Map([
  ['abs', { least: 1, most: 1, of: Math.abs }],
  ['sqrt', { least: 1, most: 1, of: Math.sqrt }],
  ['floor', { least: 1, most: 1, of: Math.floor }],
  ['ceil', { least: 1, most: 1, of: Math.ceil }],
  ['round', { least: 1, most: 1, of: Math.round }],
  ['min', { least: 1, most: 16, of: Math.min }],
  ['max', { least: 1, most: 16, of: Math.max }],
  ['avg', { least: 1, most: 16, of: (...all) => all.reduce((sum, one) => sum + one, 0) / all.length }],
  ['clamp', { least: 3, most: 3, of: (value, low, high) => Math.min(high, Math.max(low, value)) }],
]);

type Numeric = (left: number, right: number) => number | boolean;
const OPERATORS: ReadonlyMap<string, Numeric> = new Map<string, Numeric>([
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['%', (a, b) => a % b],
  ['**', (a, b) => a ** b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

/** Throws `ExpressionError` for what is not of the language. The result is undefined while a value that decides is not known. */
export function compile(text: string, names: ReadonlySet<string>): Compiled {
  if (text.length > MAX_LENGTH) throw failure('too_long', { most: MAX_LENGTH });
  let tree: jsep.Expression;
  try {
    tree = jsep(text);
  } catch (error) {
    throw failure('syntax', syntaxOf(error));
  }
  return new Compiler(names).part(tree);
}

/** Why it is not of the language, or undefined: for who writes rules. */
export function expressionProblem(text: string, names: Iterable<string>): string | undefined {
  try {
    compile(text, new Set(names));
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}

function failure(code: FaultCode, params: Fault['params']): ExpressionError {
  return new ExpressionError(fault(code, params));
}

/** What the library says, in its own words, and where: its positions begin with 0. */
function syntaxOf(error: unknown): Fault['params'] {
  const { message = 'it cannot be read', index = 0 } = error as { message?: string; index?: number };
  return { detail: message, at: index + 1 };
}

class Compiler {
  private count = 0;

  constructor(private readonly names: ReadonlySet<string>) {}

  part(expression: jsep.Expression): Compiled {
    this.count += 1;
    if (this.count > MAX_PARTS) throw failure('too_many_parts', { most: MAX_PARTS });
    const node = expression as jsep.CoreExpression;
    switch (node.type) {
      case 'Literal':
        return this.literal(node);
      case 'Identifier':
        return this.name(node);
      case 'UnaryExpression':
        return this.unary(node);
      case 'BinaryExpression':
        return this.binary(node);
      case 'ConditionalExpression':
        return this.conditional(node);
      case 'CallExpression':
        return this.call(node);
      default:
        throw failure('not_of_the_language', { part: node.type });
    }
  }

  private literal({ value, raw }: jsep.Literal): Compiled {
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
      return () => value;
    throw failure('not_of_the_language', { part: raw });
  }

  private name({ name }: jsep.Identifier): Compiled {
    if (!this.names.has(name)) throw failure('variable_unknown', { name: JSON.stringify(name) });
    return (values) => values.get(name);
  }

  private unary({ operator, argument }: jsep.UnaryExpression): Compiled {
    const of = this.part(argument);
    switch (operator) {
      case '-':
        return (values) => mapped(of(values), (value) => -asNumber(value, operator));
      case '+':
        return (values) => mapped(of(values), (value) => asNumber(value, operator));
      case '!':
        return (values) => mapped(of(values), (value) => !asTruth(value, operator));
      default:
        throw failure('not_of_the_language', { part: operator });
    }
  }

  private binary({ operator, left, right }: jsep.BinaryExpression): Compiled {
    const a = this.part(left);
    const b = this.part(right);
    switch (operator) {
      case '&&':
        return (values) => kleene(a(values), b(values), { deciding: false, operator });
      case '||':
        return (values) => kleene(a(values), b(values), { deciding: true, operator });
      case '==':
      case '!=':
        return (values) =>
          mapped(a(values), (one) => mapped(b(values), (other) => (one === other) === (operator === '==')));
      default: {
        const of = OPERATORS.get(operator);
        if (of === undefined) throw failure('not_of_the_language', { part: operator });
        return (values) =>
          mapped(a(values), (one) =>
            mapped(b(values), (other) =>
              finite(of(asNumber(one, operator), asNumber(other, operator)), operator),
            ),
          );
      }
    }
  }

  private conditional({ test, consequent, alternate }: jsep.ConditionalExpression): Compiled {
    const [condition, then, otherwise] = [this.part(test), this.part(consequent), this.part(alternate)];
    return (values) =>
      mapped(condition(values), (value) => (asTruth(value, '?') ? then(values) : otherwise(values)));
  }

  private call({ callee, arguments: given }: jsep.CallExpression): Compiled {
    const name = callee.type === 'Identifier' ? (callee as jsep.Identifier).name : '';
    const known = FUNCTIONS.get(name);
    if (known === undefined) throw failure('function_unknown', { name: JSON.stringify(name) });
    if (given.length < known.least || given.length > known.most) {
      throw failure('arguments_invalid', { name, count: given.length });
    }
    const parts = given.map((one) => this.part(one));
    return (values) => {
      const numbers: number[] = [];
      for (const part of parts) {
        const value = part(values);
        if (value === undefined) return undefined;
        numbers.push(asNumber(value, name));
      }
      return finite(known.of(...numbers), name);
    };
  }
}

function mapped<T>(value: PointValue | undefined, then: (value: PointValue) => T): T | undefined {
  return value === undefined ? undefined : then(value);
}

function kleene(
  one: PointValue | undefined,
  other: PointValue | undefined,
  { deciding, operator }: { readonly deciding: boolean; readonly operator: string },
): boolean | undefined {
  const truths = [one, other].map((value) => mapped(value, (known) => asTruth(known, operator)));
  if (truths.includes(deciding)) return deciding;
  return truths.includes(undefined) ? undefined : !deciding;
}

function asNumber(value: PointValue, by: string): number {
  if (typeof value === 'number') return value;
  throw failure('needs_numbers', { by, value: JSON.stringify(value) });
}

function asTruth(value: PointValue, by: string): boolean {
  if (typeof value === 'boolean') return value;
  throw failure('needs_truth', { by, value: JSON.stringify(value) });
}

function finite<T extends number | boolean>(value: T, by: string): T {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw failure('no_number', { by });
  }
  return value;
}
