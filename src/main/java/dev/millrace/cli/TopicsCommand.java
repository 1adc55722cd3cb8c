package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.stream.TopicAdmin;
import dev.millrace.stream.TopicAdmin.TopicState;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace topics}: the topics an application needs. */
@Command(name = "topics", mixinStandardHelpOptions = true, description = "Create or check the topics of a configuration.", subcommands = {
        TopicsCommand.Create.class, TopicsCommand.Describe.class}, synopsisSubcommandLabel = "COMMAND")
final class TopicsCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing command: create or describe.");
        }
    }

    /** Creates what is missing. */
    @Command(name = "create", mixinStandardHelpOptions = true, description = "Create the topics that do not exist.")
    static final class Create implements Runnable {
        @Mixin
        private final ConfigOption config = new ConfigOption();

        @Option(names = "--partitions", defaultValue = "1", paramLabel = "N", description = "partitions of the features and predictions topics (default: ${DEFAULT-VALUE})")
        private int partitions;

        @Option(names = "--replication", defaultValue = "-1", paramLabel = "N", description = "replicas of every topic (default: what the broker has set)")
        private short replication;

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            if (spec != null && (partitions < 1 || replication == 0 || replication < -1)) {
                throw new ParameterException(spec.commandLine(), "--partitions and --replication must be at least 1.");
            }
            ApplicationConfig application = config.load();
            PrintWriter out = Output.of(spec);
            try (TopicAdmin admin = new TopicAdmin(application)) {
                List<String> created = admin.create(partitions, replication);
                created.forEach(topic -> out.println("created " + topic));
                if (created.isEmpty()) {
                    out.println("nothing to create: all topics exist");
                }
            }
            out.flush();
        }
    }

    /** Shows what is there and whether it fits. */
    @Command(name = "describe", mixinStandardHelpOptions = true, description = "Show the topics and whether they fit; exit code 1 if one does not.")
    static final class Describe implements Callable<Integer> {
        @Mixin
        private final ConfigOption config = new ConfigOption();

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() {
            ApplicationConfig application = config.load();
            PrintWriter out = Output.of(spec);
            boolean fit = true;
            try (TopicAdmin admin = new TopicAdmin(application)) {
                out.printf(Locale.ROOT, "%-13s %-40s %10s %11s %-16s %s%n", "PURPOSE", "TOPIC", "PARTITIONS", "REPLICATION", "CLEANUP",
                        "PROBLEM");
                for (TopicState topic : admin.describe()) {
                    out.printf(Locale.ROOT, "%-13s %-40s %10s %11s %-16s %s%n", topic.purpose(), topic.topic(),
                            topic.exists() ? topic.partitions() : "-", topic.exists() ? topic.replication() : "-",
                            topic.exists() ? topic.cleanupPolicy() : "-", topic.problem().isEmpty() ? "none" : topic.problem());
                    fit &= topic.problem().isEmpty();
                }
            }
            out.flush();
            return fit ? 0 : Main.FAILED;
        }
    }
}
