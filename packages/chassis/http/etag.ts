/** Does `If-Match` name this version: one of a list, or any? (RFC 9110 §13.1.1) `ifMatch` is without quotes, as a handler gets it. */
export function namesVersion(ifMatch: string, version: number): boolean {
  return ifMatch.split(',').some((one) => one.trim() === '*' || one.trim() === String(version))
}
