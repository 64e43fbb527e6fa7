/** The shapes of docs/payloads.md, and what the parts hand to each other. */

export interface Token {
  text: string;
  id: number;
  special?: boolean;
  part?: boolean;
}

export interface Prediction {
  text: string;
  id: number;
  probability: number | null;
}

interface Base {
  ecco: 1;
  view: string;
  title: string;
  subtitle: string;
  note: string | null;
}

/** What was read around a position. */
export interface Around {
  context: Token[];
  context_cut?: boolean;
  after?: Token[];
  after_cut?: boolean;
}

export interface AttributionPayload extends Base {
  style: "minimal" | "detailed" | "matrix";
  tokens: Token[];
  n_input: number;
  two_sided?: boolean;
  targets: number[];
  scores: (number | null)[][];
  seen?: number[];
  signed: boolean;
  unit: Unit;
  method: string;
  named: Token | null;
  against?: Token;
  explained?: Token[];
  labels?: { text: string; probability: number | null }[];
  words?: { spans: [number, number][]; subtitle: string };
}

export interface ProbePayload extends Base {
  layers: (number | null)[];
  majority: number;
  series: { name: string; accuracy: (number | null)[]; spread: (number | null)[]; control: (number | null)[] }[];
}

export interface ComparisonPayload extends Base {
  tokens: Token[];
  n_input: number;
  two_sided?: boolean;
  target: number;
  seen: number;
  named: Token | null;
  signed: boolean;
  unit: Unit;
  methods: { label: string; scores: (number | null)[] }[];
  agreement: (number | null)[][];
  overlap: number[][];
  top: number;
}

export interface DifferencePayload extends Base, Around {
  position: number;
  texts: {
    label: string;
    tokens: Token[];
    changes: (number | null)[];
    log_probabilities: (number | null)[][];
    differs: number[];
  }[];
}

export interface AttentionPayload extends Base {
  queries: Token[];
  keys: Token[] | null;
  query_positions: (number | null)[];
  key_positions: (number | null)[];
  n_input: number;
  query: number;
  layers: number[];
  columns: (number | null)[];
  heads: number;
  causal: boolean;
  first_query: number;
  floors: number[];
  weights: string;
  rest: string | null;
}

export interface ContributionsPayload extends Base, Around {
  token: Token;
  against: Token | null;
  position: number;
  parts: { name: string; value: number | null; rank: number | null; probability: number | null }[];
  logit: number | null;
  vocab_size: number;
}

export interface NeuronWord extends Token {
  value: number | null;
}

export interface NeuronsPayload extends Base, Around {
  token: Token;
  against: Token | null;
  position: number;
  neurons: {
    layer: number;
    number: number;
    activation: number | null;
    value: number | null;
    raised: NeuronWord[];
    lowered: NeuronWord[];
  }[];
}

export interface FaithfulnessFigures<Figure> {
  comprehensiveness: Figure;
  sufficiency: Figure;
  deletion_area: Figure;
  insertion_area: Figure;
}

export interface Spread<Values> {
  mean: Values;
  spread: Values;
}

export interface FaithfulnessPayload extends Base {
  quantity: string;
  removal: string;
  fractions: number[];
  methods: (FaithfulnessFigures<number | null> & {
    label: string;
    deletion: (number | null)[];
    insertion: (number | null)[];
    completeness_error: number | null;
  })[];
  random: FaithfulnessFigures<Spread<number | null>> & {
    deletion: Spread<(number | null)[]>;
    insertion: Spread<(number | null)[]>;
  };
  agreement: (number | null)[][];
  n_targets: number;
}

export interface FactorsPayload extends Base {
  tokens: Token[];
  positions: (number | null)[];
  n_input: number;
  names: (string | null)[];
  peaks: number[];
  signed: boolean;
  values: string;
}

export interface HeatmapPayload extends Base {
  rows: (string | Token)[];
  columns: (string | Token)[];
  row_title: string;
  column_title: string;
  positions?: (number | null)[];
  n_input?: number;
  values: (number | null)[][] | string;
  value_name: string;
  unit: Unit;
  low: number;
  high: number;
}

export interface RankingsPayload extends Base {
  layers: number[];
  columns: { read: Token | null; token: Token; position: number }[];
  ranks: (number | null)[][];
  probabilities: (number | null)[][];
  best: (string | null)[][];
  vocab_size: number;
  watched: boolean;
  context: Token[] | null;
  context_cut?: boolean;
  after?: Token[];
  after_cut?: boolean;
}

export type Quantity = "probability" | "rank" | "surprisal" | "entropy" | "kl";

export interface LensPayload extends Base, Record<Quantity, (number | null)[][]> {
  quantity: Quantity;
  quantities: Record<Quantity, string>;
  layers: number[];
  parts: ("block" | "attention")[];
  vocab_size: number;
  columns: { read: Token | null; token: Token; position: number }[];
  words: { text: string; id: number }[];
  best: number[][][];
  shares: (number | null)[][][];
}

export interface LayerPredictionsPayload extends Base, Around {
  position: number;
  token: Token | null;
  layers: number[];
  predictions: Prediction[][];
}

export interface PredictionsPayload extends Base, Around {
  predictions: Prediction[];
}

export interface TracePayload extends Base {
  layers: number[];
  columns: { token: Token; replaced: Token | null; corrupted: boolean; position: number | null }[];
  n_source: number;
  sites: string[];
  shares: (number | null)[][][];
  clean: number;
  corrupted: number;
  quantity: string;
  unit: Unit;
}

export interface TokensPayload extends Base {
  tokens: Token[];
  n_input: number;
  two_sided?: boolean;
  values: (number | null)[] | null;
  value_name: string | null;
  unit: Unit;
  signed: boolean;
}

export type Unit = "share" | "raw";
export type Theme = "light" | "dark";

/** What a view may ask of the page. */
export interface Context {
  /** Calls back now and whenever the theme changes. */
  onTheme(paint: (theme: Theme) => void): void;
  /** Calls back once the figure is in the page and can be measured. */
  onAttach(ready: () => void): void;
}

/** What the hands are on: the item pointed at, and the one that is held. */
export interface Hold {
  at: number | null;
  held: number | null;
}

/** Tokens drawn so that each can be coloured. */
export interface Drawn {
  element: HTMLElement;
  items: HTMLElement[];
  /** Colours a token by a value in -1..1; `text` is its number. */
  paint(index: number, value: number | null, theme: Theme, text: string): void;
}

export type Phrase = string | Node | (string | Node)[];
