package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The same training in virtual machines with vectors of 16, 8 and 4 lanes, without the vector module, without fused multiply-adds in
 * hardware, with one compiler only and without any: the same bits at equal steps.
 */
class TrainingBitsIT {
    private static final String VECTORS = "--add-modules=jdk.incubator.vector";
    private static final int STEPS = 1000;
    /** Of the largest network, a thousand of whose steps take a minute with the shortest vectors; {@code -Dbits.steps=1000} for more. */
    private static final int STEPS_OF_LARGEST = Integer.getInteger("bits.steps", 100);
    /** For machines that would take hours; they get as far as they get. */
    private static final int SECONDS = 2;
    private static final int LONG = 600;

    @Test
    void everyVirtualMachineTrainsToTheSameBits() throws Exception {
        Map<String, String> reference = train("preferred vectors", STEPS_OF_LARGEST, LONG, VECTORS);
        assertThat(reference).containsKeys("N1 1000", "N1x1 1000", "N2 1000", "N3 1000", "N4 100");
        List<Map<String, String>> whole = List.of(train("UseAVX=2", STEPS_OF_LARGEST, LONG, VECTORS, "-XX:UseAVX=2"),
                train("UseAVX=1", STEPS_OF_LARGEST, LONG, VECTORS, "-XX:UseAVX=1"));
        assertThat(whole).allSatisfy(bits -> assertThat(bits).isEqualTo(reference));
        List<Map<String, String>> begun = List.of(train("plain loops", 1, SECONDS), train("UseAVX=0", 0, SECONDS, VECTORS, "-XX:UseAVX=0"),
                train("plain loops, UseAVX=0", 0, SECONDS, "-XX:UseAVX=0"), train("C1", 1, SECONDS, VECTORS, "-XX:TieredStopAtLevel=1"),
                train("interpreter", 0, SECONDS, VECTORS, "-Xint"), train("plain loops, interpreter", 0, SECONDS, "-Xint"));
        assertThat(begun).allSatisfy(bits -> {
            assertThat(bits).containsKeys("N1 1", "N1x1 1", "N2 1", "N3 1");
            assertThat(reference).containsAllEntriesOf(bits);
        });
    }

    /** Checksums by network and step. A step of the largest network takes minutes without multiply-adds in hardware: 0 leaves it out. */
    private static Map<String, String> train(String name, int stepsOfLargest, int seconds, String... flags)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(flags));
        command.addAll(
                List.of("-XX:+IgnoreUnrecognizedVMOptions", "-cp", System.getProperty("java.class.path"), TrainingBits.class.getName(),
                        Integer.toString(STEPS), Integer.toString(stepsOfLargest), Integer.toString(seconds)));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            Map<String, String> bits = new LinkedHashMap<>();
            for (String line : process.inputReader().lines().toList()) {
                int end = line.lastIndexOf(' ');
                bits.put(line.substring(0, end), line.substring(end + 1));
            }
            assertThat(process.waitFor()).as(name).isZero();
            System.out.println(name + ": " + bits); // to be compared with other machines'
            return bits;
        } finally {
            process.destroyForcibly();
        }
    }
}
