/** Why the shop is called what it is called. */
export function Story() {
  return (
    <section aria-labelledby="story" className="mt-24 border-y border-line bg-sunken md:mt-32">
      <div className="mx-auto grid max-w-[90rem] gap-10 px-4 py-16 md:grid-cols-[5fr_7fr] md:px-8 md:py-24">
        <h2 id="story" className="display text-2xl md:text-3xl">
          A roof, a row of columns, and nothing to hide.
        </h2>
        <div className="max-w-prose space-y-5 text-base text-pretty">
          <p>
            A stoa was where a city went to look at things. It had no door. One walked in from the sun, put a hand on the goods, asked the
            price, heard it, and thought about it in the cool. The Painted Stoa in Athens was so good a place for thinking that a school of
            philosophy took its name.
          </p>
          <p>
            This shop keeps to its manners. A price is the price, to the cent, and stays what it was while you are at the till. What is said
            to be in stock is in stock; when the last one goes, the page says so while you look at it. And if something cannot be delivered,
            you hear it from us first.
          </p>
        </div>
      </div>
    </section>
  )
}
