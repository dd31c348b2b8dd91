import { Field, Select } from '@stoa/ui/field.tsx'
import { addressLimits, countries, formOf } from '../visit/address.ts'
import type { FieldErrors } from '../visit/forms.ts'

/** The fields of an address, named as its country names them. */
export function AddressFields({ values, errors }: { values: Record<string, string | undefined>; errors: FieldErrors }) {
  const form = formOf(values['country'] ?? '')
  const text = (name: keyof typeof addressLimits) => ({
    name,
    defaultValue: values[name] ?? '',
    maxLength: addressLimits[name],
    error: errors[name],
  })
  return (
    <div className="grid gap-4 sm:grid-cols-6">
      <div className="sm:col-span-6">
        <Select
          label="Country"
          name="country"
          defaultValue={values['country'] ?? ''}
          error={errors['country']}
          autoComplete="country"
          required
        >
          <option value="" disabled>
            Choose
          </option>
          {countries.map((country) => (
            <option key={country.code} value={country.code}>
              {country.name}
            </option>
          ))}
        </Select>
      </div>
      <div className="sm:col-span-6">
        <Field label="Full name" autoComplete="name" required {...text('name')} />
      </div>
      <div className="sm:col-span-6">
        <Field label="Street and number" autoComplete="address-line1" required {...text('line1')} />
      </div>
      <div className="sm:col-span-6">
        <Field label="Flat, floor, company" autoComplete="address-line2" optional {...text('line2')} />
      </div>
      <div className="sm:col-span-2">
        <Field label={form.postalCode} autoComplete="postal-code" required {...text('postalCode')} />
      </div>
      <div className="sm:col-span-4">
        <Field label={form.city} autoComplete="address-level2" required {...text('city')} />
      </div>
      <div className="sm:col-span-3">
        <Field
          label={form.region ?? 'State, province or county'}
          autoComplete="address-level1"
          optional={!form.regionNeeded}
          {...text('region')}
        />
      </div>
      <div className="sm:col-span-3">
        <Field label="Phone" type="tel" autoComplete="tel" optional {...text('phone')} />
      </div>
    </div>
  )
}
