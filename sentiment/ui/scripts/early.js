// Questions before Gradio's own client is there, by what the page was sent with.

const settings = () => window.gradio_config;
const own = Math.random().toString(36).slice(2, 13);

/** The element of the page that a script of this page fills. @param {string} name */
export const componentOf = (name) =>
  settings()?.components?.find((one) =>
    one.props?.js_on_load?.includes(`microscope.mount('${name}'`),
  );

/**
 * The answer to a question that Gradio's client cannot ask yet; null where none could be had.
 * @param {string} name
 * @param {Question} question
 */
export const askEarly = async (name, question) => {
  const component = componentOf('bar');
  if (!component) return null;
  try {
    const answer = await fetch(`.${settings().api_prefix}/component_server/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        data: question,
        component_id: component.id,
        fn_name: name,
        session_hash: own,
      }),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
};
