package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    @ParameterizedTest
    @ValueSource(strings = { "ssl.key.password", "ssl.keystore.key", "sasl.jaas.config", "producer.sasl.jaas.config",
            "sasl.oauthbearer.client.credentials.client.secret", "basic.auth.user.info", "consumer.ssl.truststore.password", "my.TOKEN"})
    void masksSecrets(String key) {
        assertThat(Secrets.mask(key, "hunter2")).isEqualTo("****");
    }

    @ParameterizedTest
    @ValueSource(strings = { "bootstrap.servers", "key.serializer", "ssl.keystore.location", "ssl.keystore.type", "security.protocol"})
    void showsTheRest(String key) {
        assertThat(Secrets.mask(key, "shown")).isEqualTo("shown");
    }
}
