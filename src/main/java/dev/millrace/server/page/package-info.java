/**
 * The live page: what the model is, how good it is compared with trivial guesses, and what it is doing. Start reading at
 * {@link dev.millrace.server.page.LivePage}; the page itself is HTML, CSS and ES modules among the resources.
 *
 * <p>
 * Looks only at what {@link dev.millrace.server.page.PageSource} gives, never at the learner: nobody who watches may slow down
 * training. The page asks the paths of the API for everything else.
 */
@NullMarked
package dev.millrace.server.page;

import org.jspecify.annotations.NullMarked;
