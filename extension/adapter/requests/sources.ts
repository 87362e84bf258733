/** The texts that the scenario is made of, built-in ones included. */
import type { AdapterContext } from '../context.ts';
import { quietError } from '../errors.ts';
import type { Handlers } from '../protocol.ts';

type Names = 'source' | 'loadedSources';

export const sourceRequests = {
  source(context, { source, sourceReference }) {
    const path = context.enginePath({ ...source, sourceReference });
    const content = context.session.sourceText(path);
    if (content === undefined) throw quietError(`The scenario has no source ${path}.`);
    return { content, mimeType: path.endsWith('.dms') ? 'text/x-dms' : 'text/x-c' };
  },

  loadedSources(context) {
    const sources = context.run?.session.sources ?? [];
    return { sources: sources.map(({ path }) => context.source(path)) };
  },
} satisfies Handlers<AdapterContext, Names>;
