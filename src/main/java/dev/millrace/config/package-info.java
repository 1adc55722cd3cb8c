/**
 * The description of an application and of its learner as a tree: the YAML that a user writes and the JSON that travels in a
 * snapshot are one grammar. Reading collects every mistake with its path instead of stopping at the first.
 *
 * <p>
 * Turns text into the records of {@code learn} and {@code nn} and back. It opens no connection and starts nothing.
 */
@NullMarked
package dev.millrace.config;

import org.jspecify.annotations.NullMarked;
