import { Ajv } from 'ajv'
import type { Static, TSchema } from 'typebox'
import type { Setting } from '../service.ts'

/** The settings of a process, read from environment variables, validated once each. */
export class Environment {
  readonly #variables: Readonly<Record<string, string | undefined>>
  readonly #values = new Map<string, unknown>()
  readonly #ajv = new Ajv({ coerceTypes: true, useDefaults: true, allErrors: true })

  constructor(variables: Readonly<Record<string, string | undefined>>) {
    this.#variables = variables
  }

  /** The value of a setting. Throws: naming the variable, when it is not as its schema says. */
  get<S extends TSchema>(setting: Setting<S>): Static<S> {
    if (!this.#values.has(setting.name)) this.#values.set(setting.name, this.#read(setting))
    return this.#values.get(setting.name) as Static<S>
  }

  #read(setting: Setting): unknown {
    const given = this.#variables[setting.name]
    const holder: { value?: unknown } = given === undefined || given === '' ? {} : { value: given }
    const valid = this.#ajv.validate({ type: 'object', properties: { value: setting.schema }, required: ['value'] }, holder)
    if (!valid) throw new Error(`${setting.name}: ${this.#ajv.errorsText(this.#ajv.errors, { dataVar: 'it' })} (${setting.summary})`)
    return holder.value
  }
}
