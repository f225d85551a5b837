"""Well-known ordered scales: agreement, sizes, schooling, months, credit ratings and the like.

Levels rise and are separated by commas; spellings of one level by bars. Labels are compared in
their ``plain`` form: small letters, no accents, one space for every other separator.

Left out on purpose: what has no first level (seasons, times of day), what is ordered only in
one country's or company's eyes, and words for two states, which need no order.
"""

from likewise.data.scale import scale

SCALES = (
    # ---- amounts and strengths
    scale(
        "level",
        "none|no|zero, very low|lowest|extremely low|minimal, low|lo, "
        "low medium|medium low|moderately low, medium|med|moderate|mid|middle|intermediate, "
        "medium high|moderately high, high|hi, very high|highest|extremely high, "
        "critical|extreme|urgent|emergency",
    ),
    scale("level", "very low, low, normal|average|norm, high, very high"),
    scale(
        "level against normal",
        "well below normal, below normal, normal, above normal, well above normal",
    ),
    scale(
        "level against average",
        "well below average|far below average|much below average, below average, average, "
        "above average, well above average|far above average|much above average",
    ),
    scale("level", "l|lo, m|med, h|hi", marks="h|hi"),
    scale("niveau", "sehr niedrig|sehr gering, niedrig|gering, mittel, hoch, sehr hoch"),
    scale("nivel", "muy bajo|muy baja, bajo|baja, medio|media, alto|alta, muy alto|muy alta"),
    scale("niveau", "tres faible, faible, moyen|moyenne, eleve|elevee, tres eleve|tres elevee"),
    scale("intensity", "none|no, very light, light, moderate|medium, heavy, very heavy"),
    scale("strength", "very weak, weak, moderate|medium, strong, very strong"),
    scale("speed", "very slow, slow, medium|moderate|average|normal, fast, very fast"),
    scale("darkness", "very light, light, medium, dark, very dark"),
    scale("warmth", "freezing, very cold, cold, cool, mild, warm, hot, very hot"),
    scale("hardness", "very soft, soft, medium, hard, very hard"),
    scale("height", "very short, short, medium|average, tall, very tall"),
    scale("length", "very short, short, medium|average, long, very long"),
    scale("completeness", "none|no, partial|partly|partially, full|complete|fully"),
    scale(
        "change",
        "much worse|a lot worse, worse|somewhat worse|a little worse, "
        "same|the same|about the same|no change|unchanged, "
        "better|somewhat better|a little better, much better|a lot better",
    ),
    scale(
        "change",
        "decrease|decreased|decreasing|down|falling, "
        "same|no change|unchanged|stable|steady|constant, increase|increased|increasing|up|rising",
    ),
    # ---- sizes
    scale(
        "size",
        "tiny|xxs|2xs, extra small|xs|x small|very small, small|s|sm, medium|m|med|md|middle, "
        "large|l|lg|big, extra large|xl|x large|very large, xxl|2xl|2x large|xx large|huge, "
        "xxxl|3xl|3x large, xxxxl|4xl, xxxxxl|5xl",
    ),
    # ---- answers
    scale(
        "agreement",
        "strongly disagree|completely disagree|totally disagree, disagree|mostly disagree, "
        "somewhat disagree|slightly disagree|tend to disagree|moderately disagree, "
        "neutral|neither|undecided|neither agree nor disagree|neither disagree nor agree|"
        "not sure, somewhat agree|slightly agree|tend to agree|moderately agree, "
        "agree|mostly agree, strongly agree|completely agree|totally agree",
    ),
    scale(
        "satisfaction",
        "extremely dissatisfied|completely dissatisfied, very dissatisfied|very unsatisfied, "
        "dissatisfied|unsatisfied, somewhat dissatisfied|slightly dissatisfied, "
        "neutral|neither|neither satisfied nor dissatisfied, "
        "somewhat satisfied|slightly satisfied, satisfied, very satisfied, "
        "extremely satisfied|completely satisfied",
    ),
    scale("frequency", "never|no, rarely|seldom, sometimes|occasionally, often|frequently, always"),
    scale("frequency", "never, rarely|seldom, sometimes|occasionally, usually, always"),
    scale(
        "frequency", "never, almost never, sometimes|occasionally, fairly often|often, very often"
    ),
    scale(
        "how often",
        "never, less than yearly, yearly|annually|annual, half yearly|semi annually, quarterly, "
        "monthly, biweekly|bi weekly|fortnightly, weekly, daily, hourly",
    ),
    scale("days (PHQ)", "not at all, several days, more than half the days, nearly every day"),
    scale("Haeufigkeit", "nie, selten, manchmal|gelegentlich, oft|haeufig|haufig, immer"),
    scale(
        "likelihood",
        "extremely unlikely, very unlikely, unlikely|somewhat unlikely, neutral|possible|"
        "neither likely nor unlikely, likely|somewhat likely, very likely, extremely likely",
    ),
    scale("likelihood of a risk", "rare, unlikely, possible, likely, almost certain|certain"),
    scale(
        "importance",
        "unimportant|not important|not at all important, slightly important|a little important, "
        "moderately important|somewhat important, important, very important, extremely important",
    ),
    scale(
        "extent",
        "not at all, a little|a little bit|slightly, somewhat|moderately, "
        "quite a bit|a lot|very|very much, extremely",
    ),
    # ---- quality and difficulty
    scale("quality", "very poor, poor, fair, good, very good, excellent"),
    scale("quality", "fair, good, very good, premium, ideal"),
    scale(
        "quality",
        "terrible|awful|very bad|very poor, bad|poor, average|ok|okay|normal|acceptable, good, "
        "very good|great, excellent|outstanding|perfect",
    ),
    scale("quality (Po to Ex)", "po, fa, ta, gd, ex", marks="ta|gd"),
    scale("Schulnote", "ungenugend, mangelhaft, ausreichend, befriedigend, gut, sehr gut"),
    scale(
        "difficulty",
        "very easy, easy, medium|moderate|normal|intermediate|average, hard|difficult, "
        "very hard|very difficult|expert|extreme",
    ),
    scale(
        "skill",
        "none, beginner|basic|novice|elementary, intermediate|competent, "
        "upper intermediate, advanced|proficient, expert",
    ),
    scale("fluency", "none, basic, conversational|intermediate, fluent, native"),
    scale(
        "seniority",
        "intern|internship|trainee, junior|jr|entry|entry level, "
        "mid|mid level|middle|intermediate|mid senior|mid senior level, senior|sr, lead, principal",
    ),
    # ---- severity and risk
    scale(
        "severity",
        "none|no|normal|absent, minimal|very mild|trace, mild|slight, moderate|medium, "
        "moderately severe, severe, very severe|critical|extreme",
    ),
    scale(
        "severity", "trivial|negligible, minor|low, moderate|medium, major|high, critical, blocker"
    ),
    scale("injury", "none|no injury, minor|slight, serious|severe|major, fatal"),
    scale(
        "log level", "trace, debug, info|information, notice, warning|warn, error, critical|fatal"
    ),
    scale("urgency", "routine|elective|non urgent|not urgent, urgent, emergency|emergent"),
    scale(
        "traffic light",
        "green, amber|yellow|orange, red",
        marks="amber",
        named="rag risk alert traffic warning triage severity",
    ),
    scale(
        "credit rating (S&P, Fitch)",
        "d, c, cc, ccc-, ccc, ccc+, b-, b, b+, bb-, bb, bb+, bbb-, bbb, bbb+, a-, a, a+, "
        "aa-, aa, aa+, aaa",
        marks="bb-|bb|bb+|bbb-|bbb|bbb+",
    ),
    scale(
        "credit rating (Moody's)",
        "c, ca, caa3, caa2, caa1|caa, b3, b2, b1|b, ba3, ba2, ba1|ba, baa3, baa2, baa1|baa, "
        "a3, a2, a1|a, aa3, aa2, aa1|aa, aaa",
        marks="baa|baa1|baa2|baa3|ba|ba1|ba2|ba3",
    ),
    # ---- people
    scale(
        "age group",
        "newborn|neonate, infant|baby, toddler, child|kid, adolescent|teenager|teen|youth, "
        "young adult, adult, middle aged|middle aged adult, senior|elderly|older adult",
    ),
    scale(
        "age group",
        "very young, young, middle aged|middle|middle age, old|elderly|senior, very old",
    ),
    scale(
        "class",
        "lower|lower class, lower middle|lower middle class, middle|middle class, "
        "upper middle|upper middle class, upper|upper class",
    ),
    scale(
        "weight class (BMI)",
        "underweight|insufficient weight, normal|normal weight|healthy|healthy weight, overweight|"
        "overweight level i, overweight level ii, obese|obesity|obesity type i|obese class i, "
        "obesity type ii|obese class ii, obesity type iii|obese class iii|extreme obesity",
    ),
    scale(
        "blood pressure",
        "hypotension, normal, elevated|prehypertension, hypertension stage 1|stage 1 hypertension|"
        "hypertension, hypertension stage 2|stage 2 hypertension, hypertensive crisis",
    ),
    scale(
        "activity",
        "sedentary|inactive, light|lightly active, moderate|moderately active, "
        "active, very active, extremely active|extra active",
        marks="sedentary|inactive|active|very active|lightly active|moderately active",
    ),
    # ---- schooling
    scale(
        "schooling (US census)",
        "preschool, 1st 4th, 5th 6th, 7th 8th, 9th, 10th, 11th, 12th, hs grad, some college, "
        "assoc voc, assoc acdm, bachelors, masters, prof school, doctorate",
    ),
    scale(
        "schooling",
        "none|no schooling|no education|no formal education, preschool|kindergarten|nursery, "
        "primary|primary school|primary education|elementary|elementary school, "
        "middle school|junior high|junior high school|lower secondary, "
        "some high school|less than high school|lt high school|below high school|"
        "less than high school diploma, "
        "high school|secondary|secondary school|secondary education|upper secondary|"
        "high school graduate|high school diploma|high school or equivalent|high school grad, "
        "some college|some college no degree|junior college, "
        "associate|associates|associate degree|associates degree, "
        "bachelor|bachelors|bachelor degree|bachelors degree|undergraduate|college|"
        "college graduate|university|university degree|tertiary|tertiary education, "
        "master|masters|master degree|masters degree|graduate|graduate degree|postgraduate|"
        "post graduate, doctor|doctorate|doctoral|doctoral degree|phd|ph d|doctorate degree",
    ),
    scale("schooling", "below college, college, bachelor, master, doctor"),
    scale("college year", "freshman, sophomore, junior, senior"),
    scale(
        "language level (CEFR)",
        "a1, a2, b1, b2, c1, c2",
        named="cefr language english german french spanish proficiency fluency",
    ),
    scale(
        "school grade",
        "f, e, d-, d, d+, c-, c, c+, b-, b, b+, a-, a, a+",
        marks="a-|a+|b-|b+|c-|c+|d-|d+",
    ),
    scale("grade, A the best", "g, f, e, d, c, b, a", named="grade grades grading"),
    # ---- ranks of things and places
    scale("rank", "bronze, silver, gold, platinum, diamond", marks="bronze|platinum"),
    scale("plan", "free, basic, standard, premium, enterprise", marks="basic|standard"),
    scale(
        "cabin class",
        "economy|eco|economy class, premium economy|eco plus|economy plus, "
        "business|business class, first|first class",
        marks="economy|eco|economy class",
    ),
    scale(
        "contract term", "month to month|monthly, one year|1 year|yearly, two year|two years|2 year"
    ),
    scale("film rating (MPA)", "g, pg, pg 13, r, nc 17", marks="pg 13|nc 17"),
    scale(
        "game rating (ESRB)",
        "early childhood, everyone, everyone 10+, teen, mature|mature 17+, "
        "adults only|adults only 18+",
    ),
    # ---- numbers in words and letters
    scale(
        "number words",
        "zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve",
    ),
    scale(
        "rank in words",
        "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, "
        "twelfth",
    ),
    scale(
        "Roman numbers",
        "i, ii, iii, iv, v, vi, vii, viii, ix, x",
        named="stage grade class level degree phase tier",
    ),
    scale("priority", "p0, p1, p2, p3, p4, p5", named="priority severity incident"),
    # ---- the calendar, from January and, as ISO 8601 has it, from Monday
    scale(
        "months",
        "january|jan, february|feb, march|mar, april|apr, may, june|jun, july|jul, august|aug, "
        "september|sep|sept, october|oct, november|nov, december|dec",
    ),
    scale(
        "Monate",
        "januar|jan, februar|feb, marz|maerz|mar|mrz, april|apr, mai, juni|jun, juli|jul, "
        "august|aug, september|sep|sept, oktober|okt, november|nov, dezember|dez",
    ),
    scale(
        "mois",
        "janvier, fevrier, mars, avril, mai, juin, juillet, aout, septembre, octobre, novembre, "
        "decembre",
    ),
    scale(
        "meses",
        "enero|ene, febrero|feb, marzo|mar, abril|abr, mayo|may, junio|jun, julio|jul, "
        "agosto|ago, septiembre|sep|sept, octubre|oct, noviembre|nov, diciembre|dic",
    ),
    scale(
        "days of the week",
        "monday|mon|mo, tuesday|tue|tues|tu, wednesday|wed|we, thursday|thu|thur|thurs|th, "
        "friday|fri|fr, saturday|sat|sa, sunday|sun|su",
    ),
    scale(
        "Wochentage",
        "montag|mo, dienstag|di, mittwoch|mi, donnerstag|do, freitag|fr, samstag|sonnabend|sa, "
        "sonntag|so",
    ),
    scale("jours", "lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche"),
    scale("dias", "lunes, martes, miercoles, jueves, viernes, sabado, domingo"),
)
