"""Function words by language: articles, pronouns, prepositions, conjunctions, auxiliaries.

They say which language a text is in, and carry no topic. Written for this package, case
folded; with straight apostrophes.
"""

from __future__ import annotations

from functools import cache

_LISTED = {
    "da": """
af alle alt at blev bliver da de dem den denne der deres det dette dig din disse dog du efter
eller en end er et for fra ham han hans har havde have hende hendes her hos hun hvad hvilken hvis
hvor hvordan hvornår i ikke ind jeg jer jeres kan kun kunne man mange med meget men mere mig min
mod må når ned nogen noget nogle nu og også om op os over på sig sin skal skulle som sådan til ud
under var ved vi vil ville være vores
""",
    "de": """
aber alle allem allen aller als also am an andere anderen auch auf aus bei bin bis bist da damit
dann das dass dein dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch
dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen hab habe haben hat
hatte hatten hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem
jeden jeder jedes jene kann kein keine keinem keinen keiner können könnte man mehr mein meine mich
mir mit muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seit
sich sie sind so solche soll sollte sondern sonst über um und uns unser unter viel vom von vor war
waren warum was wegen weil welche welcher wenn wer werden wie wieder will wir wird wo wollen wurde
wurden würde zu zum zur zwar zwischen
""",
    "en": """
a about above after again against all also am an and any are aren't as at be because been before
being below between both but by can can't cannot could couldn't did didn't do does doesn't doing
don't down during each few for from further had hadn't has hasn't have haven't having he he'd
he'll he's her here here's hers herself him himself his how how's i i'd i'll i'm i've if in into
is isn't it it's its itself let's me more most mustn't my myself no nor not of off on once only or
other ought our ours ourselves out over own same shan't she she'd she'll she's should shouldn't so
some such than that that's the their theirs them themselves then there there's these they they'd
they'll they're they've this those through to too under until up upon very was wasn't we we'd
we'll we're we've were weren't what what's when when's where where's which while who who's whom
whose why will with within without won't would wouldn't you you'd you'll you're you've your yours
yourself yourselves
""",
    "es": """
a al algo algunas algunos ante antes aquel aquella como con contra cual cuando de del desde donde
dos durante e el él ella ellas ellos en entre era eran eres es esa esas ese eso esos esta está
estaba están estas este esto estos fue fueron ha había han hasta hay la las le les lo los más me
mi mis mientras muy nada ni no nos nosotros o os otra otras otro otros para pero poco por porque
pues que qué quien quién se sea según ser si sí sido sin sobre son su sus también tan tanto te
tiene tienen todo todos tu tú un una unas uno unos y ya yo
""",
    "fi": """
ei eivät että hän häneen hänen he heidän ja jo joka jolla joiden joissa jonka jos jossa jota jotka
kaikki kanssa keitä kenen kuin kuinka kun me meidän mikä minkä minä minun missä mistä mitä mukaan
mutta myös ne niiden niin nämä näiden nyt ole olen oli olisi olivat olla on ovat paitsi se sekä
sen siellä siinä siitä sinä sinun sitä tai tämä tämän te tuo tätä vaan vai vain voi yli
""",
    "fr": """
à au aucun aucune aussi autre autres aux avant avec avoir c'est ce cela celle celles celui ces cet
cette ceux chez comme comment d'un d'une dans de des depuis deux dont du elle elles en encore
entre est et étaient était été être eu eux fait ici il ils j'ai je jusque l la là le les leur
leurs lui ma mais me même mes moi mon n'a n'est ne ni nos notre nous on ont ou où par parce pas
pendant peu peut plus pour pourquoi qu'il qu'elle qu'on qu'un qu'une quand que quel quelle quelles
quels qui quoi qu sa sans se sera ses si soi son sont sous sur ta te tes toi ton tous tout toute
toutes très tu un une vers vos votre vous y
""",
    "it": """
a abbiamo agli ai al alla alle allo anche avere aveva c'è che chi ci come con contro cosa così cui
da dagli dai dal dalla dalle dallo degli dei del della delle dello di dopo dove due e è ed era
erano essere fa fra gli ha hanno ho i il in io la le lei li lo loro lui ma me mentre mi mia mio
molto ne negli nei nel nella nelle nello noi non nostra nostro o ogni per perché però più poi
prima qual quale quali quando quanto quella quelle quelli quello questa queste questi questo qui
se sei senza si sia sono sopra sotto stata stato su sua sue sugli sui sul sulla sulle suo suoi te
ti tra tu tua tuo tutti tutto un un'altra una uno vi voi
""",
    "nl": """
aan al alle als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een en
er ge geen geweest haar had hadden heb hebben heeft hem het hier hij hoe hun iemand iets ik in is
ja je jij jou jouw jullie kan kon kunnen maar me meer men met mij mijn moet na naar niet niets nog
nu of om omdat ons onze ook op over reeds te tegen tot u uit uw van veel voor waar waren was wat
we wel welke werd wezen wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou
zouden
""",
    "no": """
alle at av bare begge ble blei bli blir da de deg dei deira dem den denne der deres det dette di
din disse du eg eit eller elles en enn er et ett etter for fordi fra før ha hadde han hans har
hennes henne her hun hva hvem hver hvilken hvis hvor hvordan hvorfor i ikke ikkje inn jeg kan
kunne kva kvar man mange med meg meget mellom men mer min mitt mot må når ned noe noen nå og også
om opp oss over på sa seg selv si sin sine sitt skal skulle slik som så til um under ut uten var
ved vi vil ville vår vårt være vært å
""",
    "pt": """
a à ao aos aquela aquele aquilo as às até com como da das de dela dele deles depois do dos e é ela
elas ele eles em entre era eram essa essas esse esses esta está estão estas estava este estes eu
foi foram há isso isto já lhe lhes mais mas me mesmo meu meus minha muito na nas não nem no nos
nós nossa nosso num numa o os ou para pela pelas pelo pelos por porque qual quando que quem são se
seja sem ser seu seus só sob sobre sua suas também te tem têm ter teu tinha tu tua um uma umas uns
você vocês vos
""",
    "ru": """
а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для до
его ее её если есть еще ещё же за здесь и из или им их к как какой ко когда кто ли либо меня мне
может мой мы на над надо наш не него нее неё нет ни них но ну о об однако он она они оно от очень
по под при с сам свой себя со так также такой там те тем то того тоже той только том ты у уже хотя
чего чей чем что чтобы чье эта эти это этого этой этом этот я
""",
    "sv": """
alla allt att av blev bli blir dem den denna deras dess dessa det detta dig din ditt du där då
efter ej eller en er era ett från för ha hade han hans har henne hennes hon honom hur här i icke
ingen inom inte jag ju kan kunde man med mellan men mig min mina mitt mot mycket ni nu när någon
något några och om oss på sedan sig sin sina sitt ska skulle som så sådan till under upp ut utan
vad var vara varit varje vars vem vi vid vilken våra vårt än är åt över
""",
}

LANGUAGES = tuple(sorted(_LISTED))
"""ISO 639-1 codes of the languages that have a list."""


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the function words of a language; none for one without a list."""
    return frozenset(_LISTED.get(language, "").split())
