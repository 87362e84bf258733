// The parts of the engine that the benchmark measures.
import { frame } from '../../engine/base/addresses.ts';
import { SeededRandom } from '../../engine/base/random.ts';
import { Store } from '../../engine/base/store.ts';
import { Frames } from '../../engine/machine/frames.ts';

export const parts = { frame, SeededRandom, Store, Frames };
