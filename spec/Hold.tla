-------------------------------- MODULE Hold -------------------------------
(***************************************************************************)
(* onQuorumLoss: Hold. One authority M stands for "a majority of           *)
(* controllers": that its acks, its sticky revocations and its change of   *)
(* master are sound is checked in Election.tla and Vippool.tla.            *)
(* N is the pool; one VIP; node x holds it at the start.                   *)
(* Each heartbeat / confirmation is a round trip that may be late or lost. *)
(* S is the set of nodes that the taker's ARP probe can hear: empty        *)
(* = the service network is cut as well, the worst case.                   *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, TLC
CONSTANTS N, X,         \* nodes of the pool; the first holder
          L, R,         \* node lease at the node / at M
          H,            \* how long a confirmation holds, from its request's send time
          MaxLoss       \* restarts of nodes without memory
CONSTANTS               \* rules; FALSE switches one off
  Bar,        \* a takeover needs bars from at least half of the pool (or the exception below)
  BarSticky,  \* a peer that barred (x, epoch) never confirms it again
  BarWaits,   \* a peer bars only when its own confirmations for x have run out
  LossWaits,  \* a peer without memory neither confirms nor bars for max(H, R)
  LiveBars,   \* the master counts a bar only while its last heartbeat from that peer is younger than R
  Except      \* TRUE: with more than half of the pool revoked the master takes over after H all the same

VARIABLES lease, held, q,          \* node: remaining lease; holder state; heartbeat under way
          conf, cq, given, barred, wait,   \* confirmations: got by X, under way, promised by peer, barred (peer's memory), abstention
          mb, fresh,               \* M: bars counted; peers whose new incarnation M has not heard yet
          hold,                    \* X's right to hold (fence), remaining
          mt, mrev,                \* M: timer per node, revoked
          mw,                      \* M: ticks since X was revoked, saturating at H
          taker, used, loss        \* who was given the VIP; whether the exception was used
vars == <<lease, held, q, conf, cq, given, barred, wait, mb, fresh, hold, mt, mrev, mw, taker, used, loss>>
Dec(n) == IF n = 0 THEN 0 ELSE n - 1
Max(x, y) == IF x > y THEN x ELSE y
P == N \ {X}
Half(s) == 2 * Cardinality(s) >= Cardinality(N)     \* at least half
More(s) == 2 * Cardinality(s) > Cardinality(N)      \* more than half
Rem(w) == CHOOSE r \in 0..H : More({X} \cup {p \in P : w[p] >= r}) /\ \A y \in (r+1)..H : ~More({X} \cup {p \in P : w[p] >= y})

Init == /\ lease = [n \in N |-> L] /\ held = TRUE /\ q = [n \in N |-> 0]
        /\ conf = [p \in P |-> 0] /\ cq = [p \in P |-> <<"none", 0>>] /\ given = [p \in P |-> 0]
        /\ barred = {} /\ mb = {} /\ fresh = {} /\ wait = [p \in P |-> 0] /\ hold = L
        /\ mt = [n \in N |-> R] /\ mrev = {} /\ mw = 0 /\ taker = FALSE /\ used = FALSE /\ loss = 0

(* node lease: M hears a heartbeat (stamp = now), its ack may come late. A revoked peer gets a fresh *)
(* epoch at once (it holds nothing); X's epoch, once revoked, is refused for ever.                    *)
Ack(n) ==
  /\ n \in mrev => n # X
  /\ n = X => held
  /\ mt' = [mt EXCEPT ![n] = R] /\ q' = [q EXCEPT ![n] = L]
  /\ mrev' = mrev \ {n}
  /\ n = X => hold > 0
  /\ mb' = mb \ (fresh \cap {n}) /\ fresh' = fresh \ {n}
  /\ <<mt', q', mrev', fresh'>> # <<mt, q, mrev, fresh>>
  /\ UNCHANGED <<lease, held, conf, cq, given, barred, wait, hold, mw, taker, used, loss>>
GetAck(n) ==
  /\ q[n] > 0 /\ q' = [q EXCEPT ![n] = 0]
  /\ n = X => held /\ hold > 0
  /\ lease' = [lease EXCEPT ![n] = Max(@, q[n])]
  /\ hold' = IF n = X THEN Max(hold, q[n]) ELSE hold
  /\ UNCHANGED <<held, conf, cq, given, barred, wait, mb, fresh, mt, mrev, mw, taker, used, loss>>

(* X asks its peers; a peer confirms only while it has no lease itself      *)
Ask(p) ==
  /\ held /\ hold > 0 /\ cq[p] # <<"ask", H>> /\ cq' = [cq EXCEPT ![p] = <<"ask", H>>]
  /\ UNCHANGED <<lease, held, q, conf, given, barred, wait, mb, fresh, hold, mt, mrev, mw, taker, used, loss>>
Confirm(p) ==
  /\ cq[p][1] = "ask" /\ lease[p] = 0 /\ wait[p] = 0 /\ (BarSticky => p \notin barred)
  /\ cq' = [cq EXCEPT ![p] = <<"yes", @[2]>>] /\ given' = [given EXCEPT ![p] = H]
  /\ UNCHANGED <<lease, held, q, conf, barred, wait, mb, fresh, hold, mt, mrev, mw, taker, used, loss>>
GetConfirm(p) ==
  /\ cq[p][1] = "yes" /\ held /\ hold > 0 /\ cq' = [cq EXCEPT ![p] = <<"none", 0>>]
  /\ LET w == [conf EXCEPT ![p] = Max(@, cq[p][2])] IN conf' = w /\ hold' = Max(hold, Rem(w))
  /\ UNCHANGED <<lease, held, q, given, barred, wait, mb, fresh, mt, mrev, mw, taker, used, loss>>
LetGo == /\ held /\ hold = 0 /\ held' = FALSE
         /\ UNCHANGED <<lease, q, conf, cq, given, barred, wait, mb, fresh, hold, mt, mrev, mw, taker, used, loss>>

Forget(p) ==      \* a peer restarts without memory
  /\ loss < MaxLoss /\ loss' = loss + 1
  /\ given' = [given EXCEPT ![p] = 0] /\ barred' = barred \ {p} /\ fresh' = fresh \cup {p}
  /\ wait' = [wait EXCEPT ![p] = IF LossWaits THEN Max(H, R) ELSE 0] /\ lease' = [lease EXCEPT ![p] = 0]
  /\ q' = [q EXCEPT ![p] = 0]
  /\ UNCHANGED <<held, conf, cq, mb, hold, mt, mrev, mw, taker, used>>

(* M *)
Revoke(n) == /\ mt[n] = 0 /\ n \notin mrev /\ mrev' = mrev \cup {n}
             /\ mw' = IF n = X THEN 0 ELSE mw
             /\ UNCHANGED <<lease, held, q, conf, cq, given, barred, wait, mb, fresh, hold, mt, taker, used, loss>>
BarX(p) ==        \* M asks a node whose lease runs to bar (X, epoch); may start before X is revoked
  /\ p \notin barred /\ lease[p] > 0 /\ wait[p] = 0 /\ (BarWaits => given[p] = 0)
  /\ p \notin fresh /\ barred' = barred \cup {p} /\ mb' = mb \cup {p}
  /\ UNCHANGED <<lease, held, q, conf, cq, given, wait, fresh, hold, mt, mrev, mw, taker, used, loss>>
Take ==
  /\ ~taker /\ X \in mrev /\ \E y \in P : lease[y] > 0
  /\ \/ (~Bar \/ Half(IF LiveBars THEN {p \in mb \ mrev : mt[p] > 0} ELSE mb))
        /\ used' = used
     \/ Bar /\ Except /\ More(mrev) /\ mw = H /\ used' = TRUE
  /\ taker' = TRUE
  /\ UNCHANGED <<lease, held, q, conf, cq, given, barred, wait, mb, fresh, hold, mt, mrev, mw, loss>>

Tick == /\ \/ hold > 0 \/ \E n \in N : lease[n] + mt[n] + q[n] > 0
           \/ \E p \in P : conf[p] + given[p] + wait[p] + cq[p][2] > 0 \/ (X \in mrev /\ mw < H)
        /\ lease' = [n \in N |-> Dec(lease[n])] /\ q' = [n \in N |-> Dec(q[n])] /\ mt' = [n \in N |-> Dec(mt[n])]
        /\ conf' = [p \in P |-> Dec(conf[p])] /\ given' = [p \in P |-> Dec(given[p])] /\ wait' = [p \in P |-> Dec(wait[p])]
        /\ cq' = [p \in P |-> <<cq[p][1], Dec(cq[p][2])>>]
        /\ hold' = Dec(hold) /\ mw' = IF X \in mrev /\ mw < H THEN mw + 1 ELSE mw
        /\ UNCHANGED <<held, barred, mb, fresh, mrev, taker, used, loss>>
Next == \/ \E n \in N : Ack(n) \/ GetAck(n) \/ Revoke(n)
        \/ \E p \in P : Ask(p) \/ Confirm(p) \/ GetConfirm(p) \/ BarX(p) \/ Forget(p)
        \/ LetGo \/ Take \/ Tick
Spec == Init /\ [][Next]_vars
Sym == Permutations(P)

Two == taker /\ held /\ hold > 0
NeverTwo == ~Two
(* two holders only after the exception, i.e. more than half of the pool had lost its lease at once *)
OnlyExcept == Two => used
NeverTake  == ~(taker /\ ~used)        \* sanity: must be violated
=============================================================================
