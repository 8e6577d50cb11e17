/**
 * The two sentences of the synthetic corpus as sequences of speech sounds:
 * "we are going home at seven" and "many birds sing in the garden".
 * Formants are a grown man's, in Hz; the speaker scales them.
 */

/** One stretch of steady targets; the voice glides from each to the next. */
export interface Sound {
  /** Seconds at ordinary tempo. */
  readonly seconds: number;
  /** Loudness of the glottal source, 0 to 1. */
  readonly voice: number;
  /** Loudness of the noise made in the mouth, 0 to 1, and where it is centred, in Hz. */
  readonly hiss: number;
  readonly hissAt: number;
  readonly formants: readonly [f1: number, f2: number, f3: number];
  /** How far an accent raises pitch and loudness here, 0 to 1. */
  readonly stress: number;
}

type Formants = Sound["formants"];

const NEUTRAL_TRACT: Formants = [500, 1500, 2500];

function vowel(seconds: number, formants: Formants, stress = 0): Sound {
  return { seconds, voice: 1, hiss: 0, hissAt: 4000, formants, stress };
}

/** Nasals, glides and voice bars: voiced through a narrowed or closed mouth. */
function murmur(seconds: number, formants: Formants, voice = 0.45): Sound {
  return { seconds, voice, hiss: 0, hissAt: 4000, formants, stress: 0 };
}

function fricative(seconds: number, hiss: number, hissAt: number, voice = 0): Sound {
  return { seconds, voice, hiss, hissAt, formants: [320, 1600, 2600], stress: 0 };
}

/** A closure, silent or humming, and the burst that opens it. */
function stop(burstAt: number, formants: Formants, voiced: boolean): Sound[] {
  const hum = voiced ? 0.16 : 0;
  return [
    { seconds: 0.05, voice: hum, hiss: 0, hissAt: burstAt, formants, stress: 0 },
    { seconds: 0.014, voice: hum, hiss: 0.8, hissAt: burstAt, formants, stress: 0 },
    ...(voiced ? [] : [fricative(0.025, 0.18, burstAt)]),
  ];
}

const W: Formants = [300, 700, 2200];
const IY: Formants = [280, 2250, 2950];
const AA: Formants = [720, 1120, 2500];
const R: Formants = [420, 1250, 1650];
const OW: Formants = [480, 880, 2450];
const UW: Formants = [330, 900, 2300];
const IH: Formants = [400, 1950, 2550];
const EH: Formants = [560, 1780, 2500];
const AE: Formants = [660, 1700, 2450];
const AX: Formants = NEUTRAL_TRACT;
const ER: Formants = [470, 1320, 1720];
const M: Formants = [270, 1050, 2200];
const N: Formants = [280, 1550, 2600];
const NG: Formants = [280, 2150, 2750];

const WE_ARE_GOING_HOME_AT_SEVEN: readonly Sound[] = [
  murmur(0.06, W, 0.5),
  vowel(0.09, IY, 0.3),
  vowel(0.08, AA),
  murmur(0.05, R, 0.7),
  ...stop(1900, [300, 1700, 2300], true),
  vowel(0.1, OW, 0.9),
  vowel(0.06, IH),
  murmur(0.06, NG),
  fricative(0.05, 0.2, 1400),
  vowel(0.12, OW, 0.8),
  vowel(0.04, UW),
  murmur(0.06, M),
  vowel(0.07, AE, 0.2),
  ...stop(4200, [350, 1750, 2650], false),
  fricative(0.09, 0.75, 5800),
  vowel(0.1, EH, 1),
  fricative(0.05, 0.25, 3200, 0.4),
  vowel(0.07, AX),
  murmur(0.08, N),
];

const MANY_BIRDS_SING_IN_THE_GARDEN: readonly Sound[] = [
  murmur(0.07, M),
  vowel(0.09, EH, 0.7),
  murmur(0.05, N),
  vowel(0.08, IY),
  ...stop(900, [280, 900, 2200], true),
  vowel(0.12, ER, 0.8),
  ...stop(4000, [300, 1700, 2600], true),
  fricative(0.06, 0.35, 5400, 0.35),
  fricative(0.09, 0.75, 5800),
  vowel(0.09, IH, 1),
  murmur(0.07, NG),
  vowel(0.06, IH),
  murmur(0.05, N),
  fricative(0.04, 0.18, 3600, 0.5),
  vowel(0.05, AX),
  ...stop(1700, [300, 1700, 2300], true),
  vowel(0.14, AA, 0.9),
  ...stop(4000, [300, 1700, 2600], true),
  vowel(0.06, AX),
  murmur(0.08, N),
];

/** The sounds of statement 1 or 2. */
export function statementSounds(statement: number): readonly Sound[] {
  return statement === 1 ? WE_ARE_GOING_HOME_AT_SEVEN : MANY_BIRDS_SING_IN_THE_GARDEN;
}
