// Runs the fault tests: the short story again and again, with something killed, cut off or wiped on the way.
// usage: npm run faults [-- vitest arguments, such as a file name or -t NAME]; FLOTILLA_SEED=N repeats a run
import { runVitest } from './lib/vitest.mjs';

// Each of them starts a hub, PostgreSQL, NATS, clusters and agents: more than two at once would test the machine's patience.
process.exit(runVitest(['--project', 'test-faults', '--maxWorkers=2', ...process.argv.slice(2)], { FLOTILLA_FAULTS: '1' }));
