---------------------------- MODULE Electorate -----------------------------
(***************************************************************************)
(* Changing the set of controllers. No time: an ack or                     *)
(* a promise lives until it is withdrawn, and the one who holds it loses   *)
(* it in the same step (what the margins guarantee).                       *)
(* E is the history of electorates, version v = E[v]. One agent x holds    *)
(* the VIP; `given` = a master gave it to somebody else.                   *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, Sequences, TLC
CONSTANTS D,             \* controllers that appear in any version
          E,             \* sequence of electorates
          Commit,        \* next version only when a majority of the current one has adopted it
          Settle,        \* ... and the agent has adopted it or is revoked at a majority of it
          VoteVersion,   \* voters refuse a candidate of a lower version
          AckVersion     \* a controller acknowledges only agents of its own version (both adopt the higher)
E13 == <<{1}, {1, 2, 3}>>
E123 == <<{1}, {1, 2}, {1, 2, 3}>>
E345 == <<{1, 2, 3}, {1, 2, 3, 4}, {1, 2, 3, 4, 5}>>
Erep == <<{1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4}>>     \* 1 replaced by 4
Erep1 == <<{1, 2, 3}, {2, 3, 4}>>                   \* ... in one step
VARIABLES cv, prom, xv, A, live, rv, given
vars == <<cv, prom, xv, A, live, rv, given>>
MajOf(S, v) == 2 * Cardinality(S \cap E[v]) > Cardinality(E[v])
Acting(m) == m \in E[cv[m]] /\ MajOf({d \in D : prom[d] = m}, cv[m])
Valid(S, v) == MajOf(S, v)
Init == /\ cv = [c \in D |-> IF c \in E[1] THEN 1 ELSE 0] /\ prom = [c \in D |-> 0]
        /\ xv = 1 /\ A = E[1] /\ live = TRUE /\ rv = {} /\ given = FALSE
Known(c) == cv[c] > 0
Promise(d, m) == /\ Known(d) /\ Known(m) /\ prom[d] = 0 /\ m \in E[cv[m]]
                 /\ VoteVersion => cv[m] >= cv[d]
                 /\ prom' = [prom EXCEPT ![d] = m]
                 /\ cv' = [cv EXCEPT ![d] = IF cv[m] > @ THEN cv[m] ELSE @]
                 /\ UNCHANGED <<xv, A, live, rv, given>>
Expire(d) == prom[d] # 0 /\ prom' = [prom EXCEPT ![d] = 0] /\ UNCHANGED <<cv, xv, A, live, rv, given>>
Change(m) == /\ Known(m) /\ cv[m] < Len(E) /\ Acting(m) /\ m \in E[cv[m] + 1]
             /\ Commit => MajOf({d \in D : cv[d] = cv[m]}, cv[m])
             /\ Settle => xv >= cv[m] \/ MajOf(rv, cv[m])
             /\ cv' = [cv EXCEPT ![m] = @ + 1] /\ UNCHANGED <<prom, xv, A, live, rv, given>>
Spread(m, d) == /\ cv[m] > cv[d] /\ cv' = [cv EXCEPT ![d] = cv[m]] /\ UNCHANGED <<prom, xv, A, live, rv, given>>
(* the agent keeps the acks it has; it judges them by the version that it knows *)
Learn(c) == /\ cv[c] > xv /\ xv' = cv[c] /\ live' = (live /\ Valid(A, cv[c]))
            /\ UNCHANGED <<cv, prom, A, rv, given>>
Ack(c) == /\ Known(c) /\ c \notin rv /\ c \notin A /\ live /\ (AckVersion => cv[c] = xv)
          /\ A' = A \cup {c} /\ UNCHANGED <<cv, prom, xv, live, rv, given>>
Revoke(c) == /\ Known(c) /\ c \notin rv /\ rv' = rv \cup {c} /\ A' = A \ {c}
             /\ live' = (live /\ Valid(A \ {c}, xv)) /\ UNCHANGED <<cv, prom, xv, given>>
Give(m) == /\ Known(m) /\ Acting(m) /\ ~given /\ MajOf(rv, cv[m]) /\ given' = TRUE
           /\ UNCHANGED <<cv, prom, xv, A, live, rv>>
Next == \E c, d \in D : Promise(c, d) \/ Expire(c) \/ Change(c) \/ Spread(c, d) \/ Learn(c) \/ Ack(c) \/ Revoke(c) \/ Give(c)
Spec == Init /\ [][Next]_vars
OneActs   == \A c, d \in D : Known(c) /\ Known(d) /\ Acting(c) /\ Acting(d) => c = d
OneHolder == ~(given /\ live)
NeverGiven == ~(given /\ \E c \in D : cv[c] = Len(E))   \* sanity
=============================================================================
