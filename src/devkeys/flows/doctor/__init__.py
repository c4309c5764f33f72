"""After a slip: where a secret is, and cleaning up.

discover -> scan -> report -> fix

examining   the flow                 scope      what to look at
knowing     which values are searched for, held who has them; common which are not
checks/     configuration            files, histories, repository   where values are searched for
report      what was found           marks, baseline, allowing      what is left out of it
fixing      --fix, step by step; remedies   the steps
explain     what a kind of finding means
"""
