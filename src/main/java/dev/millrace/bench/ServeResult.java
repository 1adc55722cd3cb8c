package dev.millrace.bench;

/**
 * What questions over HTTP cost, and how long their answers took.
 *
 * @param rate requests per second that were asked for
 * @param answered requests
 * @param failed requests: no answer, or not 200
 * @param p50 milliseconds from when a request was due until its answer, the median of each round; borrowed
 * @param p99 only one answer in a hundred of a round takes longer; borrowed
 * @param alone records per second that were learned with nobody asking, by round; borrowed
 * @param asked the same with these requests; borrowed
 */
public record ServeResult(int rate, int answered, int failed, double[] p50, double[] p99, double[] alone, double[] asked) {
    /** Median over the rounds. */
    public double p50Millis() {
        return PipelineResult.median(p50);
    }

    /** Median over the rounds. */
    public double p99Millis() {
        return PipelineResult.median(p99);
    }

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
