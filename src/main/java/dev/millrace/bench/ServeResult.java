package dev.millrace.bench;

/**
 * What questions over HTTP cost, and how long their answers took.
 *
 * @param rate requests per second that were asked for
 * @param answered requests
 * @param failed requests: no answer, or not 200
 * @param p50Millis median time from when a request was due until its answer
 * @param p99Millis only one answer in a hundred takes longer
 * @param alone records per second that were learned with nobody asking, by round; borrowed
 * @param asked the same with these requests; borrowed
 */
public record ServeResult(int rate, int answered, int failed, double p50Millis, double p99Millis, double[] alone, double[] asked) {
    /** Median over the rounds. */
    public long recordsPerSecondAlone() {
        return Math.round(PipelineResult.median(alone));
    }

    /** Median over the rounds. */
    public long recordsPerSecondAsked() {
        return Math.round(PipelineResult.median(asked));
    }

    /** What is left of the training's rate: the median of the rounds' ratios. */
    public double askedToAlone() {
        return PipelineResult.medianRatio(asked, alone);
    }
}
