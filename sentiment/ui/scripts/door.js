// What Gradio's elements and the tests reach of the scripts.
import { selected, triggered } from './navigation.js';
import { connected, mountPanel, state } from './state.js';

window.microscope = {
  connect: connected,
  mount: mountPanel,
  selected,
  state,
  triggered,
};
