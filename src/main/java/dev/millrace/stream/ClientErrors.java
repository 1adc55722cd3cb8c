package dev.millrace.stream;

import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.jspecify.annotations.Nullable;

/** What a user has to change when Kafka refuses something that it will always refuse. */
final class ClientErrors {
    private ClientErrors() {
    }

    /** Names the setting for the first known error among this one and its causes; null if none is known. */
    static @Nullable String explain(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            String known = known(cause);
            if (known != null) {
                return known;
            }
        }
        return null;
    }

    private static @Nullable String known(Throwable error) {
        String why = error.getMessage();
        return switch (error) {
            case IncompatibleModelException _ -> why;
            case SslAuthenticationException _ -> "Kafka and this program do not agree on TLS (" + rootCause(error)
                    + "). Check ssl.truststore.location, ssl.truststore.type and the host names in bootstrap.servers under kafka:";
            case AuthenticationException _ -> "Kafka does not let this program in (" + why
                    + "). Check sasl.jaas.config, sasl.mechanism and security.protocol under kafka:";
            case GroupAuthorizationException denied -> denied(why, "Read on the group " + denied.groupId());
            case TransactionalIdAuthorizationException _ -> denied(why,
                    "Write and Describe on transactional ids with the prefix of kafka: application.id");
            case AuthorizationException _ -> denied(why, "that the README lists under its topics");
            case RecordTooLargeException _ -> "A record is larger than its topic takes (" + why
                    + "). Raise max.message.bytes of that topic; nothing is lost, the next start goes on from there";
            case FencedInstanceIdException _ -> "Another process runs as the same instance (" + why
                    + "). Under kafka:, give each instance its own state.dir, or its own group.instance.id";
            default -> null;
        };
    }

    private static String rootCause(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private static String denied(@Nullable String why, String needed) {
        return "Kafka does not allow this (" + why + "). The user under kafka: sasl.jaas.config needs the ACLs " + needed;
    }
}
