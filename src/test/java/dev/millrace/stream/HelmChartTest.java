package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart, rendered by Helm itself and read strictly as what Kubernetes and the operators define. */
class HelmChartTest {
    private static final Path CHART = Path.of("deploy/helm/millrace");
    private static final Path FULL = CHART.resolve("ci/full-values.yaml");
    private static final Map<String, Class<?>> KINDS = Map.of("ConfigMap", ConfigMap.class, "Service", Service.class, "StatefulSet",
            StatefulSet.class, "NetworkPolicy", NetworkPolicy.class, "PodDisruptionBudget", PodDisruptionBudget.class, "PodMonitor",
            PodMonitor.class, "ServiceMonitor", ServiceMonitor.class, "PrometheusRule", PrometheusRule.class, "KafkaTopic",
            KafkaTopic.class, "KafkaUser", KafkaUser.class);
    /** KEDA publishes no model; its one resource is looked at by name. */
    private static final String SCALED = "ScaledObject";

    @TempDir
    Path directory;

    private final YAMLMapper strict = strict();

    /** Fabric8's types take unknown fields for later; here each is an error. */
    private static YAMLMapper strict() {
        YAMLMapper mapper = new YAMLMapper();
        mapper.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        mapper.setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
            private static final long serialVersionUID = 1L;

            @Override
            public Boolean hasAnySetter(Annotated annotated) {
                return annotated instanceof AnnotatedMember member && member.getDeclaringClass().getPackageName().startsWith("io.")
                        ? Boolean.FALSE
                        : super.hasAnySetter(annotated);
            }
        });
        return mapper;
    }

    @Test
    void itIsLintedWithoutAWord() {
        LintResult result = new Helm(CHART).lint().strict().quiet().call();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @Test
    void defaultsGiveALearnerAndItsServices() throws Exception {
        List<Object> manifests = parse(render(null));
        assertThat(manifests).hasSize(4);
        StatefulSet set = one(manifests, StatefulSet.class);
        var pod = set.getSpec().getTemplate().getSpec();
        assertThat(pod.getInitContainers().getFirst().getArgs()).startsWith("topics", "create");
        var container = pod.getContainers().getFirst();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getEnv().getFirst().getName()).isEqualTo("KAFKA_GROUP_INSTANCE_ID");
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/health/ready");
        assertThat(set.getSpec().getVolumeClaimTemplates()).hasSize(1);
        assertThat(configuration(manifests).name()).isEqualTo("california");
    }

    @Test
    void everythingSwitchedOnIsWhatTheOperatorsKnow() throws Exception {
        List<Object> manifests = parse(render(FULL));
        ApplicationConfig config = configuration(manifests);
        assertThat(config.applicationId()).isEqualTo("prices-v2");

        StatefulSet set = one(manifests, StatefulSet.class);
        assertThat(set.getSpec().getReplicas()).as("KEDA decides").isNull();
        assertThat(set.getSpec().getTemplate().getSpec().getInitContainers()).as("Strimzi makes the topics").isEmpty();
        assertThat(set.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv())
                .anySatisfy(variable -> {
                    assertThat(variable.getName()).isEqualTo("KAFKA_SASL_JAAS_CONFIG_FILE");
                    assertThat(variable.getValue()).isEqualTo("/etc/millrace/kafka/sasl.jaas.config");
                });

        Map<String, KafkaTopic> topics = new HashMap<>();
        manifests.stream().filter(KafkaTopic.class::isInstance).map(KafkaTopic.class::cast)
                .forEach(topic -> topics.put(topic.getSpec().getTopicName(), topic));
        assertThat(topics).containsOnlyKeys(config.topics().features(), config.topics().predictions(), config.topics().snapshots(),
                config.topics().deadLetters(), config.topics().evaluation(), config.topics().control(), config.topics().labelled());
        assertThat(topics.get("prices.snapshots").getSpec().getConfig()).containsAllEntriesOf(ClientSettings.snapshotTopic());
        assertThat(topics.get("prices.dead-letters").getSpec().getConfig()).containsEntry("max.message.bytes",
                Integer.toString(1_048_588 + ClientSettings.DEAD_LETTER_HEADROOM));
        assertThat(topics.get("prices.features").getSpec().getPartitions()).isEqualTo(6);
        assertThat(strict.writeValueAsString(one(manifests, KafkaUser.class))).contains("transactionalId", "prices-v2-");

        PrometheusRule rule = one(manifests, PrometheusRule.class);
        JsonNode alerts = new YAMLMapper().readTree(Files.readString(Path.of("deploy/prometheus/millrace.alerts.yml")));
        assertThat(rule.getSpec().getGroups().getLast().getRules()).hasSameSizeAs(alerts.path("groups").path(0).path("rules"));
        assertThat(rule.getSpec().getGroups().getLast().getRules().getLast().getAnnotations().get("summary")).contains("{{ $labels.");
        assertThat(manifests).filteredOn(ConfigMap.class::isInstance).map(ConfigMap.class::cast)
                .anySatisfy(map -> assertThat(map.getData()).containsKeys("millrace-quality.json", "millrace-pipeline.json",
                        "millrace-jvm.json"));
        assertThat(manifests).hasAtLeastOneElementOfType(PodMonitor.class).hasAtLeastOneElementOfType(ServiceMonitor.class)
                .hasAtLeastOneElementOfType(NetworkPolicy.class).hasAtLeastOneElementOfType(PodDisruptionBudget.class);
        assertThat(manifests).filteredOn(JsonNode.class::isInstance).map(JsonNode.class::cast).singleElement().satisfies(scaled -> {
            assertThat(scaled.path("spec").path("triggers").path(0).path("metadata").path("consumerGroup").asText()).isEqualTo("prices-v2");
            assertThat(scaled.path("spec").path("maxReplicaCount").asInt()).isEqualTo(5);
        });
    }

    @Test
    void aWrongKeyIsRefusedByName() throws Exception {
        for (String wrong : List.of("replica: 3", "persistence: { sise: 1Gi }", "monitoring: { podMonitor: { enable: true } }",
                "keda: { maxReplicas: 0 }", "strimzi: { user: { authentication: none } }")) {
            Path values = Files.writeString(directory.resolve("wrong.yaml"), wrong);
            String key = wrong.replaceAll(".*?(\\w+): [^{]*$", "$1").replaceAll("\\W.*", "");
            assertThatThrownBy(() -> render(values)).as(wrong).hasMessageContaining(key);
        }
    }

    private String render(Path values) {
        var template = new Helm(CHART).template().withName("prices").withNamespace("streams");
        return (values == null ? template : template.withValuesFile(values)).call();
    }

    private List<Object> parse(String manifests) throws IOException {
        List<Object> parsed = new ArrayList<>();
        for (String manifest : manifests.split("(?m)^---\\s*$")) {
            JsonNode tree = new YAMLMapper().readTree(manifest);
            if (tree == null || tree.isMissingNode() || tree.isNull() || tree.isEmpty()) {
                continue;
            }
            String kind = tree.path("kind").asText();
            if (kind.equals(SCALED)) {
                parsed.add(tree);
                continue;
            }
            assertThat(KINDS).as(manifest).containsKey(kind);
            parsed.add(strict.readValue(manifest, KINDS.get(kind)));
        }
        return parsed;
    }

    private static <T> T one(List<Object> manifests, Class<T> kind) {
        return manifests.stream().filter(kind::isInstance).map(kind::cast).findFirst().orElseThrow();
    }

    /** What the learner in the pod would read. */
    private ApplicationConfig configuration(List<Object> manifests) throws IOException {
        String yaml = manifests.stream().filter(ConfigMap.class::isInstance).map(ConfigMap.class::cast).map(ConfigMap::getData)
                .filter(data -> data.containsKey("millrace.yaml")).findFirst().orElseThrow().get("millrace.yaml");
        return ConfigurationReader.read(Files.writeString(directory.resolve("millrace.yaml"), yaml), Map.of());
    }
}
