/** Types of `lock.mjs`, which runs before TypeScript can. */
export interface Owner {
  readonly pid: number
}
export function withLock<T>(file: string, say: (line: string) => void, work: () => Promise<T>): Promise<T>
export function tryLock(file: string): Promise<Owner | undefined>
export function ownerOf(file: string): Owner | undefined
