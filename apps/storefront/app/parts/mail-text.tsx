const ADDRESS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/

/** The text of a mail with its addresses as links. Its HTML is not shown: foreign markup has no place in our pages. */
export function MailText({ text }: { text: string }) {
  return (
    <p className="max-w-prose pb-6 text-sm break-words whitespace-pre-wrap">
      {text.split(ADDRESS).map((part, index) =>
        ADDRESS.test(part) ? (
          <a key={`${index} ${part}`} href={part} className="link text-accent">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </p>
  )
}
