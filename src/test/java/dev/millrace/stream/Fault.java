package dev.millrace.stream;

import java.time.Duration;
import java.util.Random;

/** What can happen to a running application. After each, with nothing more done, it has to go on. */
enum Fault {
    /** {@code kill -9} of an instance, which is started again at once. */
    KILL_LEARNER {
        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            int index = random.nextInt(fleet.size());
            fleet.get(index).process().kill();
            fleet.restart(index);
        }
    },
    /** As an update would: SIGTERM, and started again. */
    RESTART_LEARNER {
        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            int index = random.nextInt(fleet.size());
            fleet.terminate(index);
            fleet.restart(index);
        }
    },
    /** Stopped for longer than the group waits for it, and woken up as a zombie in the middle of its transaction. */
    FREEZE_LEARNER {
        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            MillraceProcess process = fleet.get(random.nextInt(fleet.size())).process();
            process.freeze();
            try {
                pause(Fleet.SESSION_TIMEOUT.plusMillis(1000 + random.nextInt(6000)));
            } finally {
                process.thaw();
            }
        }
    },
    /** The disk is new, and the predecessor's transaction cannot be fenced by its name. */
    LOSE_STATE {
        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            int index = random.nextInt(fleet.size());
            fleet.get(index).process().kill();
            fleet.deleteState(index);
            fleet.restart(index);
        }
    },
    /** One instance more, which is given work if there is some, or a copy of the state. */
    ADD_INSTANCE {
        @Override
        boolean applies(Fleet fleet, BrokerProcesses brokers) {
            return fleet.size() < 2;
        }

        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) {
            fleet.add();
        }
    },
    /** One instance ends in order and is not started again. */
    REMOVE_INSTANCE {
        @Override
        boolean applies(Fleet fleet, BrokerProcesses brokers) {
            return fleet.size() > 1;
        }

        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            fleet.remove(random.nextInt(fleet.size()));
        }
    },
    /** {@code kill -9} of a broker, which comes back soon. */
    KILL_BROKER {
        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            int node = random.nextInt(brokers.count());
            brokers.kill(node);
            pause(Duration.ofMillis(random.nextInt(3000)));
            brokers.start(node);
        }
    },
    /** An instance starts while no broker accepts connections yet. */
    START_BEFORE_BROKERS {
        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            int index = random.nextInt(fleet.size());
            fleet.terminate(index);
            brokers.stopAll();
            fleet.restart(index);
            pause(Duration.ofMillis(random.nextInt(2000)));
            brokers.startAll();
        }
    },
    /** Everything ends in order and starts again. */
    RESTART_EVERYTHING {
        @Override
        void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception {
            fleet.terminateAll();
            brokers.stopAll();
            brokers.startAll();
            for (int i = 0; i < fleet.size(); i++) {
                fleet.restart(i);
            }
        }
    };

    boolean applies(Fleet fleet, BrokerProcesses brokers) {
        return true;
    }

    abstract void inflict(Fleet fleet, BrokerProcesses brokers, Random random) throws Exception;

    /** The length of an outage: what is tested is what happens in this time, so nothing can be waited for. */
    static void pause(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
    }
}
