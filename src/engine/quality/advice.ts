import type { QualityAdvice } from '../types.ts'

/** Advice in words, for the person who chose the photo. */
export const ADVICE_SENTENCES: Record<QualityAdvice, string> = {
  too_small: 'The face is very small: use a larger copy or a closer photo if there is one.',
  blurred: 'The face is blurred: look for a sharper photo or another frame.',
  too_dark: 'The face is dark: a lighter copy, or the camera original, may hold more.',
  too_bright: 'Parts of the face are burnt out: look for a photo with softer light.',
  turned_away: 'The head is turned away: a photo from the front compares better.',
  eyes_closed: 'The eyes look closed: a photo with open eyes compares better.',
  covered: 'Part of the face seems covered: expect lower similarity to photos without the cover.',
  cut_off: 'The face is cut off by the edge of the picture: use the whole photo.',
  weak_template: 'The template is weak: a low similarity says little here, and a high one needs more care.',
  unsure_face: 'Perhaps this is no face: look at the picture before anything is made of it.',
}
