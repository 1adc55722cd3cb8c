package dev.millrace.config;

/**
 * The topics of one application; each defaults to {@code <name>.<purpose>}.
 *
 * @param features records to learn from and to answer; any number of partitions
 * @param predictions answers
 * @param snapshots compacted, one partition
 * @param deadLetters what could not be used, with its reason
 * @param evaluation quality of each finished window beside its baselines, and events
 * @param control commands to the learner, one partition
 * @param labelled internal, one partition: brings labelled records of several partitions to one learner; unused with one
 */
public record TopicNames(String features, String predictions, String snapshots, String deadLetters, String evaluation,
        String control, String labelled) {

    /** The default names for a model's name. */
    public static TopicNames of(String name) {
        return new TopicNames(name + ".features", name + ".predictions", name + ".snapshots", name + ".dead-letters",
                name + ".evaluation", name + ".control", name + ".labelled");
    }
}
