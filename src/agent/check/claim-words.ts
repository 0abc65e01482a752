/** How one language says that something was done, and how it says that it was not, or not yet. */
export interface ClaimWords {
  /** An event, or "I did it": true only when it happened in this turn. */
  readonly events: readonly RegExp[];
  /** A state, or an event that may be old: true when it is so. */
  readonly states: readonly RegExp[];
  /** Money came or went: nobody but the owner can do that, on a venue's own pages. */
  readonly moved: readonly RegExp[];
  /** In the same clause: it did not happen. */
  readonly negated: RegExp;
  /** Before it in the sentence: it would, it will, it may. */
  readonly notYet: RegExp;
}

// Letters of any script end a word; \b knows only English ones.
function words(pattern: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, "iu");
}

const DONE =
  "opened|closed|filled|executed|approved|cancell?ed|armed|resumed|bought|sold|entered|exited|unwound|flattened|liquidated|killed|hedged|transferred|withdrawn";
const SENT =
  "placed|submitted|completed?|done|confirmed|sent|live|in place|through|up$|established|active";
const DOING = "opening|closing|executing|buying|selling|cancell?ing|killing|placing|unwinding";
const THING =
  "order|orders|hedge|hedges|position|positions|trade|trades|leg|legs|mandate|swap|deal";
const ADVERB =
  "(?:now|just|already|successfully|all|both|fully|also|then|gone ahead and|went ahead and|immediately|indeed|safely|promptly)";
const WORD = "[\\p{L}\\p{N}'’/&-]+";

const MONEY = "usd[ct]?|dollars?|euros?|funds?|money|cash|coins?|tokens?";
const AMOUNT = "[$€]?[\\p{L}\\p{N}'’/&.-]+";
const CARD = "cards?|proposals?|offers?|messages?";
const WE_DID = `(?:i|we)(?:['’]ve| have| had)?(?: ${ADVERB}){0,3}`;

const ENGLISH_MOVED = [
  words(
    `${WE_DID} (?:transferred|withdrew|withdrawn|deposited|wired|cashed out|paid out)(?!(?: ${WORD}){0,3} (?:${CARD}))`,
  ),
  words(
    `${WE_DID} (?:sent|moved|returned)(?: (?!${CARD})${AMOUNT}){0,4} (?:${MONEY}|wallet|bank|collateral|margin)`,
  ),
  words(
    `${WE_DID} (?:sent|moved|returned) (?:[$€][\\d.]+|[\\d.]+ (?-i:[A-Z]{2,10})(?! (?:${CARD})))`,
  ),
  words(
    `(?:${MONEY}|withdrawal|deposit|transfer|payout)(?: (?:to|from|of|into)(?: ${WORD}){1,3})?(?:['’]s| is| are| was| were| has| have)(?: been)?(?: ${ADVERB}){0,3} (?:sent|moved|transferred|withdrawn|deposited|wired|paid out|credited|completed?|done|processed|confirmed|on (?:its|their|the) way|in your wallet)`,
  ),
  new RegExp(
    `^[^\\p{L}\\p{N}]*(?:done[^\\p{L}]+)?(?:successfully )?(?:sent|withdrew|withdrawn|transferred|deposited) (?:${AMOUNT} ){0,2}(?:${MONEY})(?![\\p{L}\\p{N}])`,
    "iu",
  ),
  /^[^\p{L}\p{N}]*(?:transfer|withdrawal|deposit|payout) (?:now |successfully )?(?:completed?|done|sent|made|confirmed|successful|executed|processed)(?!\p{L})/iu,
];

const ENGLISH: ClaimWords = {
  moved: ENGLISH_MOVED,
  events: [
    words(
      `(?:i|we)(?:['’]ve| have| had)?(?: ${ADVERB}){0,3} (?:${DONE})(?! (?:on|with) (?:a|that|this) note)`,
    ),
    words(
      `(?:i|we)(?:['’]ve| have)?(?: ${ADVERB}){0,3} (?:placed|submitted|sent|confirmed|set up|taken|put on|made|established|started)(?: ${WORD}){0,3} (?:${THING})`,
    ),
    words(
      `(?:i|we)(?:['’]m|['’]re| am| are)(?: ${ADVERB}){0,2} (?:opening|closing|executing|buying|selling|cancelling|killing|placing)`,
    ),
    words(
      `you(?:['’]ve| have)(?: ${ADVERB}){0,2} (?:approved|armed|confirmed|opened|closed|bought|sold)`,
    ),
    new RegExp(
      `^[^\\p{L}\\p{N}]*(?:done[^\\p{L}]+|ok(?:ay)?[^\\p{L}]+|all )?(?:now |just |successfully )*(?:${DONE}|placed)(?! (?:positions|hedges|interest|trades|orders|cards))(?:$|[!.]| (?:both|all|every|everything|it|the|your|a|an|half|(?:[\\d.]+ )?(?-i:[A-Z]{2,10}))(?![\\p{L}]))`,
      "iu",
    ),
    new RegExp(
      `^[^\\p{L}\\p{N}]*(?:(?!(?:every|each|any|if|no|the|a|an|of)\\s)${WORD}\\s){0,3}(?:${THING}) (?:(?:in|on|for) ${WORD} )?(?:${ADVERB} )?(?:${DONE}|placed|submitted|completed|confirmed|sent)(?:$|\\s*[^\\p{L}\\p{N}\\s]| (?:at|on|to|for|with|now|successfully|in full)(?![\\p{L}]))`,
      "iu",
    ),
    words(
      `now (?:${DOING})|(?:${DOING}) (?!(?:costs?|price)s?)(?:${WORD} ){1,6}(?:right )?now(?! (?:costs?|would|means|is|pays))`,
    ),
    new RegExp(`^[^\\p{L}\\p{N}]*(?:${DOING}) (?:${WORD} ?){1,6}(?:…|\\.\\.\\.)$`, "iu"),
    words("(?:we|you)(?:['’]re| are) in(?: the (?:trade|position|market))?$"),
    /^[^\p{L}\p{N}]*(?:(?:all )?done|complete[d]?|success|executed)[!. ✅]*$/iu,
  ],
  states: [
    words(
      `(?:${THING}|it|they|everything|both|all|long|short|trading|pair|(?-i:[A-Z][A-Z0-9]{1,9}))(?: (?:of|in|on|for) ${WORD})?(?:['’]s| is| are| was| were| has| have| got|['’]ve)(?: been)?(?: ${ADVERB}){0,3} (?:${DONE}|${SENT}|open|flat|active again|on)`,
    ),
    words(
      `(?:proposal|card)s?(?: is| was| has been| have been| are)(?: ${ADVERB}){0,2} (?:approved|executed|filled)`,
    ),
    words(
      `you(?:['’]re| are)(?: ${ADVERB}){0,2} (?:long|short|hedged|flat|fully hedged|in the trade)`,
    ),
    words(
      `(?:${THING}) (?:have |has )?(?:went|gone|goes) (?:live|through)|(?:hedge|position)s? (?:now )?stands? open`,
    ),
  ],
  negated: words(
    "no|not|nothing|none|never|neither|nor|without|cannot|\\p{L}+n['’]t|nobody|no one|yet to|unless|failed to|instead of|hardly|denied|declined|rejected|expired",
  ),
  notYet: words(
    "if|once|each|every|always|tap|press|when|whenever|after|as soon as|until|unless|before|whether|would|will|['’]ll|\\p{L}+['’]ll|could|can|may|might|should|shall|must|to be|going to|gets?|only|every time|waits?|assuming|suppose|in case|the moment|how|why|what|example|by code",
  ),
};

const GERMAN: ClaimWords = {
  moved: [
    words(
      "(?:ich|wir) (?:habe|haben|hab)(?: [\\p{L}\\p{N}.,$€-]+){0,8}? (?:überwiesen|abgehoben|ausgezahlt|eingezahlt|transferiert)",
    ),
    words(
      "(?:ich|wir) (?:habe|haben|hab)(?: [\\p{L}\\p{N}.,$€-]+){0,4}? (?:usd[ct]?|dollar|euro|geld|guthaben)(?: [\\p{L}\\p{N}.,-]+){0,5}? (?:gesendet|geschickt|verschickt)",
    ),
    words(
      "(?:ist|sind|wurden?|worden)(?: [\\p{L}\\p{N}.,-]+){0,5}? (?:überwiesen|abgehoben|eingezahlt|transferiert)",
    ),
  ],
  events: [
    words(
      "(?:ich|wir) (?:habe|haben|hab)(?: [\\p{L}\\p{N}.,-]+){0,8}? (?:eröffnet|geöffnet|geschlossen|ausgeführt|gefüllt|genehmigt|storniert|gekauft|verkauft|platziert|aufgelöst|scharfgeschaltet|aktiviert|fortgesetzt|abgesichert|glattgestellt)",
    ),
    /^[^\p{L}]*(?:(?:erledigt|fertig)[^\p{L}]+)?(?:(?:der|die|deine?|ihre?) )?(?:[A-Z]{2,10}[- ])?(?:order|position|hedge|auftrag|beide beine)s? (?:wurden? |ist |sind )?(?:jetzt |nun )?(?:platziert|ausgeführt|geschlossen|eröffnet|storniert|gefüllt)/iu,
    /^[^\p{L}]*(?:erledigt|fertig|ausgeführt)[!. ]*$/iu,
  ],
  states: [
    words(
      "(?:ist|sind|wurden?|worden)(?: [\\p{L}\\p{N}.,-]+){0,5}? (?:eröffnet|geöffnet|geschlossen|ausgeführt|gefüllt|genehmigt|storniert|gekauft|verkauft|platziert|aufgelöst|scharf|offen|glattgestellt|abgesichert)",
    ),
  ],
  negated: words("nicht|nichts|kein\\p{L}*|nie|niemals|ohne|weder|noch nicht|niemand"),
  notYet: words(
    "wenn|falls|sobald|sofern|bis|bevor|würden?|wird|werden|können?|kann|könnten?|soll\\p{L}*|erst|nur|nachdem|dann|ob|muss|müssen|wie|warum",
  ),
};

const SPANISH: ClaimWords = {
  moved: [
    words("(?:he|hemos) (?:ya |ahora )?(?:transferido|retirado|depositado)"),
    words("transferí|retiré(?= (?:tus?|los|el|\\d))|deposité|transferimos|retiramos|depositamos"),
  ],
  events: [
    words(
      "(?:he|hemos|has) (?:ya |ahora )?(?:abierto|cerrado|ejecutado|llenado|aprobado|cancelado|comprado|vendido|armado|reanudado|colocado|completado|liquidado)",
    ),
    words(
      "abrí|cerré|ejecuté|compré|vendí|cancelé|aprobé|abrimos|cerramos|ejecutamos|compramos|vendimos|liquidé",
    ),
    words(
      "se (?:abrió|cerró|ejecutó|canceló|compró|vendió|abrieron|cerraron|ejecutaron|cancelaron|llenaron)",
    ),
    /^[^\p{L}]*(?:(?:listo|hecho)[^\p{L}]+)?(?:tu |la |el )?(?:orden|posición|cobertura|operación)(?: de [A-Z]{2,10})? (?:colocada|ejecutada|cerrada|abierta|cancelada|completada)/iu,
    /^[^\p{L}]*(?:listo|hecho|ejecutad[oa])[!. ]*$/iu,
  ],
  states: [
    words(
      "(?:está|están|quedó|quedaron|fue|fueron|ha sido|han sido|se ha|se han|ha|han)(?: (?:ya|ahora|todas?|todos?|ambas?)){0,2} (?:abiert[oa]s?|cerrad[oa]s?|ejecutad[oa]s?|aprobad[oa]s?|cancelad[oa]s?|completad[oa]s?|llen[oa]s?|comprad[oa]s?|vendid[oa]s?|armad[oa]s?|reanudad[oa]s?)",
    ),
  ],
  negated: words("no|nada|ningun[oa]?|ningún|nunca|sin|tampoco|ni|nadie"),
  notYet: words(
    "si|cuando|una vez|podrí?a\\p{L}*|puede\\p{L}*|será|serán|sería|hasta|antes|después|tras|solo|sólo|cómo|por qué|deb\\p{L}+",
  ),
};

const FRENCH: ClaimWords = {
  moved: [
    words(
      "(?:j['’]ai|nous avons|on a)(?: (?:bien|déjà|maintenant)){0,2} (?:transféré|déposé|viré|retiré)(?! (?:la |une |votre |ta )?(?:carte|proposition))",
    ),
  ],
  events: [
    words(
      "(?:j['’]ai|nous avons|on a|vous avez|tu as)(?: (?:bien|déjà|maintenant|juste|tout)){0,2} (?:ouvert|fermé|clôturé|exécuté|rempli|approuvé|annulé|acheté|vendu|armé|repris|placé|passé|liquidé)e?s?",
    ),
    /^[^\p{L}]*(?:(?:c['’]est fait|fait)[^\p{L}]+)?(?:l['’]|la |votre |ton |ta )?(?:ordre|position|couverture)(?: [A-Z]{2,10})? (?:passé|placé|exécuté|fermé|clôturé|ouvert|annulé)e?/iu,
    /^[^\p{L}]*(?:c['’]est fait|exécuté)[!. ]*$/iu,
  ],
  states: [
    words(
      "(?:est|sont|a été|ont été|vient d['’]être|viennent d['’]être)(?: (?:maintenant|désormais|bien|déjà|tout|toute?s|tous)){0,2} (?:ouvert|fermé|clôturé|exécuté|rempli|approuvé|annulé|placé|passé|acheté|vendu|armé)e?s?",
    ),
  ],
  negated: words("ne|n['’]\\p{L}+|n|pas|rien|aucun\\p{L}*|jamais|sans|ni|personne"),
  notYet: words(
    "si|s['’]il|quand|lorsque|une fois|dès que|sera|seront|serait|pourr\\p{L}+|peut|peuvent|avant|après|jusqu\\p{L}*|seulement|comment|pourquoi|doit",
  ),
};

const RUSSIAN: ClaimWords = {
  moved: [words("(?:я|мы)(?: (?:уже|только|что|успешно)){0,3} (?:перев[её]л|вывел|зачислил)[аи]?")],
  events: [
    words(
      "(?:я|мы)(?: (?:уже|только|что|сейчас|успешно)){0,3} (?:открыл|закрыл|исполнил|купил|продал|отменил|одобрил|разместил|возобновил|активировал|выставил)[аи]?",
    ),
    /^[^\p{L}]*(?:(?:готово|сделано)[^\p{L}]+)?(?:открыл|закрыл|исполнил|купил|продал|отменил|разместил|выставил)[аи]?(?![\p{L}])/iu,
    /^[^\p{L}]*(?:готово|сделано|исполнено)[!. ]*$/iu,
  ],
  states: [
    words(
      "(?:открыт|закрыт|исполнен|заполнен|одобрен|отмен[её]н|куплен|продан|размещ[её]н|выставлен|возобновл[её]н)[аоы]?",
    ),
  ],
  negated: words("не|ничего|ни|нет|никак\\p{L}*|без|никто|никогда"),
  notYet: words(
    "если|когда|как только|после|будет|будут|бы|может|могут|можно|пока|до|только после|чтобы|как|почему|нужно",
  ),
};

const DONE_HAN =
  "开仓|平仓|成交|执行|批准|取消|撤销|买入|卖出|关闭|开启|恢复|下单|打开|完成对冲|开立|建立";
const CHINESE: ClaimWords = {
  moved: [/(?:我|我们|已|已经)[^。，；！？,.]{0,12}(?:转账|转了|提现|提币|充值|汇款)/u],
  events: [
    new RegExp(
      `(?:我|我们|已|已经|刚刚|刚|成功)[^。，；！？,.]{0,12}(?:${DONE_HAN}|平掉|平了)`,
      "u",
    ),
    new RegExp(`(?:${DONE_HAN})(?:了|完成|成功|完毕)`, "u"),
    /(?:买|卖|开|平|关)(?:好|掉|完)?了/u,
  ],
  states: [
    /(?:对冲|仓位|头寸|持仓|订单|委托)[^。，；！？,.]{0,6}(?:现在|目前)?(?:是打开的|处于开仓|已开)/u,
  ],
  negated: /没有|未|尚未|不|无|没|别/u,
  notYet: /如果|若|一旦|当|将|会|需要|等|才|之后|以后|后|请|可以|能|吗|为什么|怎么/u,
};

export const CLAIM_WORDS: readonly ClaimWords[] = [
  ...[ENGLISH, GERMAN, SPANISH, FRENCH, RUSSIAN, CHINESE],
];
