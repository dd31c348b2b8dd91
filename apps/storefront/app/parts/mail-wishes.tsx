import type { ReactNode } from 'react'
import { Button } from '@stoa/ui/button.tsx'
import { ErrorSummary, Field, Select } from '@stoa/ui/field.tsx'
import { errorList, type FieldErrors } from '../visit/forms.ts'
import { timeZones } from '../visit/mail-wishes.ts'

/** Which mails somebody wants, in what language and when: one form, whole without scripts. */
export function MailWishes({ texts, errors }: { texts: Record<string, string | undefined>; errors: FieldErrors | undefined }) {
  return (
    <form method="post" noValidate data-once="" className="max-w-md space-y-5 border-t border-line pt-5">
      {errors ? <ErrorSummary id="mail-errors" title="That did not work" errors={errorList(errors)} /> : null}
      <fieldset>
        <legend className="mb-1 text-sm font-medium">Mails that are not about a purchase or your safety</legend>
        <Tick name="email" texts={texts}>
          Send me such mails
        </Tick>
        <Tick name="order-progress" texts={texts}>
          among them: the progress of my orders
        </Tick>
        <Tick name="account-news" texts={texts}>
          among them: news of my account
        </Tick>
      </fieldset>
      <Select label="Language of mails" name="language" defaultValue={texts['language']} error={errors?.['language']}>
        <option value="en">English</option>
        <option value="de">Deutsch</option>
      </Select>
      <fieldset className="space-y-3">
        <legend className="mb-1 text-sm font-medium">Quiet hours</legend>
        <p className="text-xs text-soft">Such mails wait until they end. Leave both times empty for none.</p>
        <div className="grid grid-cols-2 gap-3">
          <Field label="From" name="quietFrom" type="time" defaultValue={texts['quietFrom']} error={errors?.['quietFrom']} />
          <Field label="To" name="quietTo" type="time" defaultValue={texts['quietTo']} error={errors?.['quietTo']} />
        </div>
        <Select label="By the clock of" name="timeZone" defaultValue={texts['timeZone']} error={errors?.['timeZone']}>
          {timeZones(texts['timeZone'] ?? 'UTC').map((name) => (
            <option key={name} value={name}>
              {name.replaceAll('_', ' ')}
            </option>
          ))}
        </Select>
      </fieldset>
      <Button kind="plain" name="intent" value="mails">
        Save these wishes
      </Button>
    </form>
  )
}

function Tick({ name, texts, children }: { name: string; texts: Record<string, string | undefined>; children: ReactNode }) {
  return (
    <label htmlFor={name} className="flex min-h-11 items-center gap-3 text-base">
      <input id={name} type="checkbox" name={name} defaultChecked={texts[name] !== undefined} className="size-[1.125rem] shrink-0" />
      {children}
    </label>
  )
}
