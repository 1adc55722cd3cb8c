package dev.millrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The law of the packages: arrows point one way, and arithmetic knows no infrastructure. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace");

    @Test
    void arrowsPointFromCommandsToArithmetic() {
        layeredArchitecture().consideringOnlyDependenciesInLayers()
                .layer("cli").definedBy("dev.millrace.cli..")
                .layer("bench").definedBy("dev.millrace.bench..")
                .layer("demo").definedBy("dev.millrace.demo..")
                .layer("server").definedBy("dev.millrace.server..")
                .layer("stream").definedBy("dev.millrace.stream..")
                .layer("metrics").definedBy("dev.millrace.metrics..")
                .layer("interop").definedBy("dev.millrace.interop..")
                .layer("snapshot").definedBy("dev.millrace.snapshot..")
                .layer("config").definedBy("dev.millrace.config..")
                .layer("learn").definedBy("dev.millrace.learn..")
                .layer("nn").definedBy("dev.millrace.nn")
                .layer("kernel").definedBy("dev.millrace.nn.kernel..")
                .whereLayer("cli").mayNotBeAccessedByAnyLayer()
                .whereLayer("bench").mayOnlyBeAccessedByLayers("cli")
                .whereLayer("demo").mayOnlyBeAccessedByLayers("cli", "bench")
                .whereLayer("server").mayOnlyBeAccessedByLayers("cli", "bench")
                .whereLayer("stream").mayOnlyBeAccessedByLayers("cli", "bench", "demo", "server")
                .whereLayer("metrics").mayOnlyBeAccessedByLayers("cli", "bench", "server", "stream")
                .whereLayer("interop").mayOnlyBeAccessedByLayers("cli", "server")
                .whereLayer("snapshot").mayOnlyBeAccessedByLayers("cli", "bench", "demo", "server", "stream", "interop")
                .whereLayer("config").mayOnlyBeAccessedByLayers("cli", "bench", "demo", "server", "stream", "snapshot", "interop")
                .whereLayer("learn")
                .mayOnlyBeAccessedByLayers("cli", "bench", "demo", "server", "stream", "metrics", "snapshot", "config", "interop")
                .whereLayer("nn").mayOnlyBeAccessedByLayers("cli", "bench", "server", "snapshot", "config", "learn", "interop")
                .whereLayer("kernel").mayOnlyBeAccessedByLayers("nn", "bench", "cli")
                .check(MAIN);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.millrace.(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void arithmeticAndLearningKnowNoInfrastructureAndNoClock() {
        noClasses().that().resideInAnyPackage("dev.millrace.nn..", "dev.millrace.learn..")
                .should().dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "io.micrometer..", "org.slf4j..", "tools.jackson..",
                        "io.javalin..", "java.time..", "java.io..", "java.net..", "java.nio.file..")
                .orShould().callMethod(System.class, "currentTimeMillis")
                .orShould().callMethod(System.class, "nanoTime")
                .orShould().dependOnClassesThat().haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
                .check(MAIN);
    }

    @Test
    void onlyKernelsUseTheVectorModule() {
        noClasses().that().resideOutsideOfPackage("dev.millrace.nn.kernel..")
                .should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..").check(MAIN);
    }

    @Test
    void onlyTheStreamDemoAndCommandsKnowKafka() {
        noClasses().that()
                .resideOutsideOfPackages("dev.millrace.stream..", "dev.millrace.demo..", "dev.millrace.bench..", "dev.millrace.cli..",
                        "dev.millrace.config..")
                .should().dependOnClassesThat().resideInAPackage("org.apache.kafka..").check(MAIN);
    }

    @Test
    void nobodyUsesJavaSerialization() {
        noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.io.ObjectInputStream")
                .orShould().dependOnClassesThat().haveFullyQualifiedName("java.io.ObjectOutputStream").check(MAIN);
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws Exception {
        try (Stream<Path> directories = Files.walk(Path.of("src/main/java/dev/millrace"))) {
            assertThat(directories.filter(Files::isDirectory).filter(ArchitectureTest::hasSources))
                    .allSatisfy(directory -> assertThat(directory.resolve("package-info.java")).content().contains("@NullMarked", "/**"));
        }
        classes().should().resideInAnyPackage("dev.millrace.cli..", "dev.millrace.bench..", "dev.millrace.demo..",
                "dev.millrace.server..", "dev.millrace.stream..", "dev.millrace.metrics..", "dev.millrace.snapshot..",
                "dev.millrace.config..", "dev.millrace.interop..",
                "dev.millrace.learn..", "dev.millrace.nn..").check(MAIN);
    }

    private static boolean hasSources(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.toString().endsWith(".java"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
