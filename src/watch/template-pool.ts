/** Templates in one piece of memory. */
const PIECE_TEMPLATES = 1024

/**
 * Templates by number, in few large pieces of memory: tens of thousands of small ones would be a burden to the garbage
 * collector of a process that also reads photos. What is deleted is overwritten.
 */
export class TemplatePool {
  readonly #length: number
  readonly #pieces: Float32Array[] = []
  readonly #places = new Map<number, number>()
  #free: number[] = []
  #used = 0

  /** @param length numbers in a template */
  constructor(length: number) {
    this.#length = length
  }

  set(number: number, template: Float32Array): void {
    const place = this.#free.pop() ?? this.#used++
    if (place % PIECE_TEMPLATES === 0 && this.#pieces.length <= place / PIECE_TEMPLATES)
      this.#pieces.push(new Float32Array(PIECE_TEMPLATES * this.#length))
    this.#at(place).set(template)
    this.#places.set(number, place)
  }

  /** A view; undefined for a number that is not there. */
  get(number: number): Float32Array | undefined {
    const place = this.#places.get(number)
    return place === undefined ? undefined : this.#at(place)
  }

  delete(number: number): void {
    const place = this.#places.get(number)
    if (place === undefined) return
    this.#at(place).fill(0)
    this.#places.delete(number)
    this.#free.push(place)
  }

  numbers(): Iterable<number> {
    return this.#places.keys()
  }

  clear(): void {
    for (const piece of this.#pieces) piece.fill(0)
    this.#pieces.length = 0
    this.#places.clear()
    this.#free = []
    this.#used = 0
  }

  #at(place: number): Float32Array {
    const from = (place % PIECE_TEMPLATES) * this.#length
    return this.#pieces[Math.floor(place / PIECE_TEMPLATES)].subarray(from, from + this.#length)
  }
}
