// Made by `python -m tests.declarations` of sentiment/ui/contract/: change it there.

interface AboutModel {
  revision: string;
  repository: string | null;
  load: string;
  card: boolean;
  labels: string[];
  language: string | null;
  datasets: string[];
  license: string | null;
  sizes: any[][];
  tables: Table[];
}

interface Table {
  name: string;
  columns: string[];
  rows: any[][];
}

interface AlignedRow {
  first: number | null;
  second: number | null;
  kind: string;
}

interface Compared {
  first: Side;
  second: Side;
  rows: AlignedRow[];
  deltas: Record<string, (number | null)[]>;
  distances: (number | null)[];
  bias_delta: number;
  logit_delta: number;
  residual: number;
  path: StatePath;
}

interface EditOffered {
  kind: string;
  text: string;
  token: number | null;
  replacement: string;
  reason: string;
  verdict: ShortVerdict;
}

interface Edits {
  text: string;
  tokens: TokenShown[];
  offered: EditOffered[];
  own: OwnPair | null;
  own_note: string | null;
  note: string | null;
}

interface EditShown {
  kind: string;
  text: string;
  token: number | null;
  replacement: string;
  reason: string;
}

interface OwnPair {
  kind: string;
  text: string;
  token: number | null;
  replacement: string;
  reason: string;
  verdict: ShortVerdict;
  said: string;
}

interface Shuffled {
  text: string;
}

interface Side {
  text: string;
  verdict: Verdict;
  logit: number;
  target: string;
  tokens: TokenShown[];
  bias: number;
  running: (number | null)[];
  final: number;
}

interface SmallestEdit {
  found: boolean;
  text: string;
  label: string;
  verdict: string;
  logit: number;
  edits: EditShown[];
  candidates: string;
  tried: number;
}

interface StatePath {
  first: number[][];
  second: number[][];
  shares: number[];
}

interface CellLedger {
  written: (number | null)[];
  kept: (number | null)[];
  shares: (number | null)[];
  residual: number;
}

interface Memory {
  text: string;
  tokens: TokenShown[];
  start: number;
  stop: number;
  hidden: number;
  units: number[];
  worth: (number | null)[];
  states: Record<string, ((number | null)[])[]>;
  means: Record<string, (number | null)[]>;
  before: (number | null)[];
  gates_residual: number;
  ledger: CellLedger;
  reach: Reach;
}

interface Reach {
  cell: (number | null)[] | null;
  forget: (number | null)[] | null;
  full: (number | null)[];
  twin_hidden: (number | null)[] | null;
  twin_full: (number | null)[] | null;
  note: string;
}

interface Batch {
  width: number;
  padded: number;
  bucketed: number;
  packed: number;
  bucket: number;
  rows: BatchRow[];
}

interface BatchRow {
  text: string;
  length: number;
}

interface Costs {
  width: number;
  padded: number;
  bucketed: number;
  packed: number;
  bucket: number;
}

interface Padded {
  text: string;
  words: number;
  packed: Verdict;
  logits: (number | null)[];
  last: (number | null)[];
  probabilities: (number | null)[] | null;
  classic: number[] | null;
  moved: (number | null)[];
  state: number;
  turned_at: number | null;
}

interface PaddingExample {
  text: string | null;
}

interface Timed {
  sentences: number;
  copies: number;
  runs: number;
  ways: Timing[];
}

interface Timing {
  name: string;
  median: number;
  least: number;
}

interface LaneShown {
  name: string;
  title: string;
  term: string;
  unit: string;
  signed: boolean;
  at_once: boolean;
  plain: string;
}

interface Limits {
  characters: number;
  tokens: number;
  studied: number;
  padding: number;
  window: number;
}

interface PanelShown {
  name: string;
  title: string;
  about_sentence: boolean;
}

interface Refusal {
  message?: string;
  busy?: boolean;
  seconds?: number;
  gone?: boolean;
}

interface Settings {
  first: Reading;
  examples: string[];
  lanes: LaneShown[];
  scales: Record<string, number>;
  labels: string[];
  between: string;
  language: string | null;
  hidden: number;
  baselines: string[];
  panels: PanelShown[];
  limits: Limits;
  stories: StoryListed[];
  twin: boolean;
  neutral_zone: number[];
  space: string | null;
  revision: string;
}

interface FaithfulnessMeter {
  label: string;
  probability: number;
  random: number;
  random_comprehensiveness: number;
  random_sufficiency: number;
  methods: MethodMeasured[];
}

interface Ghost {
  text: string;
  words: string;
  logit: number;
  logits: (number | null)[];
  probabilities: (number | null)[] | null;
}

interface Gradients {
  residual: number;
  tolerance: number;
  converged: boolean;
  steps: number;
  baseline: string;
  baseline_logit: number;
}

interface Interplay {
  start: number;
  end: number;
  score: number;
  joint: number;
  words: string;
  first: Piece;
  second: Piece;
}

interface Mechanism {
  sentence: string;
  token: number;
  carrier: string | null;
  blanked: number | null;
}

interface MethodMeasured {
  name: string;
  comprehensiveness: number;
  sufficiency: number;
  comprehensiveness_percentile: number;
  sufficiency_percentile: number;
}

interface More {
  lanes: Record<string, (number | null)[]>;
  runs: Record<string, number>;
  faithfulness: FaithfulnessMeter | null;
  interplay: Interplay | null;
}

interface Network {
  text: string;
  units: number[];
  hidden: ((number | null)[])[];
  weights: Record<string, (number | null)[]>;
  bias: number;
  forget: (number | null)[] | null;
  input: (number | null)[] | null;
  cell: (number | null)[] | null;
}

interface Phrase {
  start: number;
  end: number;
  alone: PhraseAlone;
  share: PhraseShare | null;
  words: string;
}

interface PhraseAlone {
  logit: number;
  probability: number;
  interaction: number;
  first: Piece | null;
  second: Piece | null;
}

interface PhraseShare {
  score: number;
  rest: number;
  last: number;
  max: number;
  mean: number;
  bias: number;
  residual: number;
  interaction: number;
}

interface Reading {
  text: string;
  target: string;
  revision: string;
  verdict: Verdict;
  logit: number;
  sentence: string;
  mechanism: Mechanism | null;
  tokens: TokenShown[];
  lanes: Record<string, (number | null)[]>;
  running: Running;
  ghost: Ghost | null;
  gradients: Gradients;
  ledger: Sum;
  channels: WonUnit[][];
  runs: Record<string, number>;
  faithfulness: FaithfulnessMeter | null;
  interplay: Interplay | null;
}

interface Running {
  logits: (number | null)[];
  probabilities: (number | null)[] | null;
  last: (number | null)[];
  max: (number | null)[];
  mean: (number | null)[];
  bias: number;
  flips: number[];
}

interface Sum {
  bias: number;
  residual: number;
}

interface WonUnit {
  unit: number;
  contribution: number;
  margin: number | null;
  runner_up: number | null;
}

interface Suite {
  revision: string;
  n: number;
  pass_rate: number;
  score: number;
  best_constant: number;
  capabilities: (Record<string, any>)[];
}

interface ModelRead {
  name: string;
  about: string;
  start: number;
  probability: number;
  probabilities: (number | null)[];
  words: (number | null)[] | null;
  shuffled: number;
}

interface Models {
  text: string;
  shuffled: string;
  tokens: TokenShown[];
  models: ModelRead[];
}

interface StepTold {
  says: string;
  holds: boolean;
  text: string | null;
  compare: string | null;
  panel: string;
  head: number | null;
  word: number | null;
  phrase: number[] | null;
  padding: number | null;
  picture: string | null;
  look: string | null;
}

interface StoryListed {
  name: string;
  title: string;
  about: string;
}

interface StoryTold {
  name: string;
  title: string;
  steps: StepTold[];
}

interface Download {
  name: string;
  content: string;
}

interface Piece {
  words: string;
  logit: number;
}

interface ShortVerdict {
  label: string;
  probability: number | null;
  logit: number;
}

interface TokenShown {
  text: string;
  gap: string;
  known: boolean;
}

interface Verdict {
  text: string;
  label: string;
  leaning: string;
  undecided: boolean | null;
  probability: number | null;
  logit: number;
  labels: string[];
  probabilities: number[];
  notice: string | null;
}

interface Answers {
  predict: Verdict;
  explain: Reading;
  more: More;
  phrase: Phrase;
  network: Network;
  download: Download;
  compare: Compared;
  edits: Edits;
  smallest: SmallestEdit;
  shuffle: Shuffled;
  memory: Memory;
  padding: Padded;
  batch: Batch;
  padding_example: PaddingExample;
  timed: Timed;
  models: Models;
  story: StoryTold;
  suite: Suite;
}
