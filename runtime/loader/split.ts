/** Writes the points within statements: what is evaluated, how often and in which order stays as it was. */
import { is, unwrap, type Node, type NodeOf } from './ast.js';
import type { Emission } from './pass.js';
import type { Assignment, PointsWithin, Update } from './points_within.js';
import type { Names } from './scope.js';

type Member = NodeOf<'MemberExpression'>;

export class Split {
  readonly #emission: Emission;
  readonly #points: PointsWithin;
  readonly #names: Names;
  /** What stands for an object and a key that are evaluated once. */
  readonly #object: string;
  readonly #key: string;
  readonly #value: string;
  readonly #earlier: string;

  constructor(emission: Emission, points: PointsWithin, names: Names) {
    this.#emission = emission;
    this.#points = points;
    this.#names = names;
    const { ids } = emission;
    this.#object = ids.fresh('o');
    this.#key = ids.fresh('k');
    this.#value = ids.fresh('was');
    this.#earlier = ids.fresh('first');
  }

  enter(node: Node, parent: Node): void {
    const { before, behind, lazy, updates } = this.#points;
    const { edits, ids } = this.#emission;
    // `{ n }` is a name and a value.
    if (before.has(node)) edits.insert(node.start, `${is(parent, 'Property') && parent.shorthand && is(node, 'Identifier') ? `${node.name}:` : ''}(${ids.within}(),`);
    if (behind.has(node)) edits.insert(node.start, `${ids.within}(`);
    if (updates.has(node)) this.#openUpdate(node as Update, parent);
    if (lazy.has(node)) this.#openLazy(node as Assignment);
  }

  exit(node: Node, parent: Node): void {
    const { before, behind, lazy, updates } = this.#points;
    const { edits } = this.#emission;
    if (lazy.has(node)) edits.insert(node.end, '))');
    if (updates.has(node)) this.#closeUpdate(node as Update, parent);
    if (behind.has(node)) edits.insert(node.end, ')');
    if (before.has(node)) edits.insert(node.end, ')');
  }

  /** `f ||= () => 1` is `(f||(point(),f=() => 1))`. */
  #openLazy({ start, left, operator, right }: Assignment): void {
    const { edits, file, ids } = this.#emission;
    const target = unwrap(left);
    edits.insert(start, '(');
    edits.replace(left.end, right.start, `${operator.slice(0, -1)}(${ids.within}(),${file.text.slice(target.start, target.end)}=`);
  }

  /** `a[i]++` is `((o,k)=>{ ... o[k] ... })(a,i)`: the operands stay where they are. */
  #openUpdate(node: Update, parent: Node): void {
    const { edits, ids } = this.#emission;
    const target = unwrap(node.argument);
    if (this.#referenceTo(target) !== null || !is(target, 'MemberExpression')) return;
    const { computed, object, property } = target;
    const key = computed ? `${this.#key}=${ids.propertyKey}(${this.#key},${this.#object});` : '';
    const head = `((${this.#object}${computed ? `,${this.#key}` : ''})=>{${key}${this.#body(node, parent, this.#object + this.#property(target))}})(`;
    if (node.start === object.start) edits.insert(node.start, head);
    else edits.replace(node.start, object.start, head);
    if (computed) edits.replace(object.end, property.start, ',');
  }

  #closeUpdate(node: Update, parent: Node): void {
    const { edits, ids } = this.#emission;
    const target = unwrap(node.argument);
    const reference = this.#referenceTo(target);
    if (reference === null) {
      const { computed, object, property } = target as Member;
      edits.replace((computed ? property : object).end, node.end, ')');
    } else if (node.prefix || isUnused(node, parent)) {
      edits.replace(node.start, node.end, `(${reference}=${node.operator === '++' ? ids.increment : ids.decrement}(${reference}))`);
    } else edits.replace(node.start, node.end, `(()=>{${this.#body(node, parent, reference)}})()`);
  }

  /** What the value is before and after, with a point between reading and writing. */
  #body(node: Update, parent: Node, reference: string): string {
    const { operator } = node;
    const isUsedAsWritten = node.prefix || isUnused(node, parent);
    const value = this.#value;
    const { within } = this.#emission.ids;
    if (isUsedAsWritten) return `let ${value}=${reference};${value}${operator};${within}();return ${reference}=${value}`;
    return `let ${value}=${reference};const ${this.#earlier}=${value}${operator};${within}();${reference}=${value};return ${this.#earlier}`;
  }

  /** The target's text, where it may be evaluated twice in a row: a name, or a fixed property of one that is nobody else's to change. */
  #referenceTo(target: Node): string | null {
    const { file } = this.#emission;
    const text = ({ start, end }: Node): string => file.text.slice(start, end);
    if (is(target, 'Identifier')) return target.name;
    if (!is(target, 'MemberExpression') || (target.computed && !is(target.property, 'Literal'))) return null;
    const { object } = target;
    if (this.#points.behind.has(object)) return null;
    if (is(object, 'ThisExpression', 'Super')) return text(object) + this.#property(target);
    const local = this.#names.locals.get(object);
    return local === undefined ? null : local.name + this.#property(target);
  }

  #property({ computed, property }: Member): string {
    const { text } = this.#emission.file;
    const own = text.slice(property.start, property.end);
    return !computed ? `.${own}` : is(property, 'Literal') ? `[${own}]` : `[${this.#key}]`;
  }
}

/** Whether nothing is done with the value of a node. */
function isUnused(node: Node, parent: Node): boolean {
  return is(parent, 'ExpressionStatement') || (is(parent, 'ForStatement') && node !== parent.test);
}
