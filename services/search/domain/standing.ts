/**
 * How much a product's standing (whether it is there, how it sells, how it is rated) moves its score: bounded, so that it decides among
 * products that answer a question about equally well, and never puts one that answers worse far above one that answers better. Off: 0.
 */

/** Units of all: thousandths of the score. */
export const SOLD_OUT = -60
/** Units sold for each further step up, and what a step is worth. */
export const SALES_STEPS = [4, 16, 64, 256, 1024]
export const SALES_STEP = 2
/** A rating of fewer reviews says nothing. */
export const REVIEWS_MIN = 3
/** A rating that neither helps nor harms, how far from it one step is, and the most that it counts. Units: hundredths of a star. */
export const RATING_MIDDLE = 350
export const RATING_STEP = 30
export const RATING_MAX = 5
/** The least and the most that a standing can be. */
export const STANDING_MIN = SOLD_OUT - RATING_MAX
export const STANDING_MAX = SALES_STEPS.length * SALES_STEP + RATING_MAX
