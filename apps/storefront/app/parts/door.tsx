import type { ReactNode } from 'react'

/** The frame of pages where one signs in, up, or sets a password: words at one side, a form at the other. */
export function Door({ title, intro, children }: { title: string; intro: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-[64rem] gap-x-16 gap-y-8 px-4 py-12 md:grid-cols-2 md:px-8 md:py-20">
      <div>
        <h1 className="display text-2xl md:text-3xl">{title}</h1>
        <div className="mt-4 max-w-sm space-y-3 text-base text-soft">{intro}</div>
      </div>
      <div className="border-t border-ink pt-6">{children}</div>
    </div>
  )
}
