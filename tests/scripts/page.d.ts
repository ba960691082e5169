// What the scripts share beside the answers of the server.

type Answer<T> = T & Refusal;
type Question = Record<string, any>;

/** What a link can hold. */
interface Place {
  text: string;
  compare: string;
  panel: string;
  target: string | null;
  baseline: string | null;
  lanes: string[];
  pinned: number | null;
  span: number[] | null;
  padding: number | null;
  headAsked?: number | null;
  story: string | null;
  step: number;
}
interface State extends Place {
  config: Settings | null;
  reading: Reading | null;
  focus: number;
  head: number;
  scale: number;
  phraseMode?: boolean;
}
type Mount = (
  element: HTMLElement,
  props: { value: any },
  watch: (name: string, call: () => void) => void,
) => void;
interface Window {
  microscope: Record<string, any>;
  gradio_config?: any;
}
