const ADDRESS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/

/** The text of a mail with its addresses as links. Its HTML is not shown: foreign markup has no place in our pages. */
export function MailText({ text }: { text: string }) {
  return (
    <p className="max-w-prose pb-6 text-sm break-words whitespace-pre-wrap">
      {text.split(ADDRESS).map((part, index) =>
        ADDRESS.test(part) ? (
          // Parts never change places: the text is fixed.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <a key={index} href={part} className="link text-accent">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </p>
  )
}
