"""The commonest function words of English: what they occur in is no matter of theirs."""

from __future__ import annotations

_LISTED = """
a about above after again against all also am an and any are aren't as at be because been
before being below between both but by can can't cannot could couldn't did didn't do does
doesn't doing don't down during each even ever every few for from further get gets got had
hadn't has hasn't have haven't having he he's her here hers herself him himself his how i
i'd i'll i'm i've if in into is isn't it it's its itself just let's like ll many may me might
more most much must my myself n't no nor not now of off on once one only or other ought our
ours ourselves out over own re said same say says she she's should shouldn't so some still such
than that that's the their theirs them themselves then there there's these they they're they've
this those though through to too under until up upon us ve very via was wasn't we we're we've
well were weren't what what's when where which while who who's whom whose why will with
within without won't would wouldn't yet you you'd you'll you're you've your yours yourself
"""

STOP_WORDS = frozenset(_LISTED.split())
"""Case-folded, with straight apostrophes; ``n't`` and the like are left by some tokenizers."""
