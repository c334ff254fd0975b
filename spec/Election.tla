----------------------------- MODULE Election ------------------------------
(***************************************************************************)
(* Election of the master by votes and its authority by promises.          *)
(* The etcd lock only decides who stands first, so it is abstracted: any   *)
(* controller may stand whenever its own promise has run out.              *)
(* Time and clock rates as in Vippool.tla: L = longest real time a master  *)
(* counts on a promise, R = shortest real time a voter keeps it.           *)
(* Freezes need no state: no step is forced, every step may come late; the *)
(* authority runs out in Tick all the same (mayAct is a function of time). *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, TLC
CONSTANTS C, L, R, AB, VX, MaxTerm, MaxLoss,
          MaxSlow     \* heartbeats under way at once; all others are answered without delay
CONSTANTS                \* rules; FALSE switches one off
  KeepPromise,   \* no vote while a promise to another master runs
  ActByPromise,  \* authority comes from acknowledged heartbeats only, not from the votes
  Sticky,        \* a lapsed authority never resumes in the same term
  AbVote,        \* a voter without memory does not vote for AB
  AbPromise,     \* and acknowledges no master's heartbeat for AB
  Pairs,         \* term = (number, instance of the candidate), compared as a pair
  Forfeit        \* who withdraws can no longer win that term

VARIABLES vt, vf, pr, pto, ab, role, ct, votes, va, au, was, slot, req, grant, loss, inst, acted
vars == <<vt, vf, pr, pto, ab, role, ct, votes, va, au, was, slot, req, grant, loss, inst, acted>>
Maj(S) == 2 * Cardinality(S) > Cardinality(C)
Max(x, y) == IF x > y THEN x ELSE y
Dec(n) == IF n = 0 THEN 0 ELSE n - 1
None == [t |-> "none", n |-> 0, r |-> 0]
Zero == [d \in C |-> 0]
Rem(w) == CHOOSE r \in 0..L : Maj({c \in C : w[c] >= r}) /\ \A q \in (r+1)..L : ~Maj({c \in C : w[c] >= q})
MayAct(c) == role[c] = "master" /\ Rem(au[c]) > 0

Init == /\ vt = Zero /\ vf = Zero /\ pr = Zero /\ pto = Zero /\ ab = Zero
        /\ role = [c \in C |-> "none"] /\ ct = Zero /\ votes = [c \in C |-> {}] /\ va = Zero
        /\ au = [c \in C |-> Zero] /\ was = [c \in C |-> FALSE]
        /\ slot = [c \in C |-> [d \in C |-> None]] /\ req = {} /\ grant = {} /\ loss = 0
        /\ inst = Zero /\ acted = {}

Stand(c) ==
  /\ role[c] # "master" /\ va[c] = 0 /\ ab[c] = 0 /\ (KeepPromise => pr[c] = 0) /\ vt[c] \div 100 < MaxTerm
  /\ LET t == (vt[c] \div 100 + 1) * 100 + (IF Pairs THEN c * 10 + inst[c] ELSE 0) IN
     /\ vt' = [vt EXCEPT ![c] = t] /\ ct' = [ct EXCEPT ![c] = t] /\ vf' = [vf EXCEPT ![c] = c]
     /\ req' = req \cup {[n |-> t, c |-> c]}
  /\ role' = [role EXCEPT ![c] = "cand"] /\ votes' = [votes EXCEPT ![c] = {c}] /\ va' = [va EXCEPT ![c] = VX]
  /\ au' = [au EXCEPT ![c] = Zero] /\ was' = [was EXCEPT ![c] = FALSE]
  /\ slot' = [slot EXCEPT ![c] = [d \in C |-> None]]
  /\ UNCHANGED <<pr, pto, ab, grant, loss, inst, acted>>

Grant(d, m) ==
  /\ m.c # d /\ (AbVote => ab[d] = 0) /\ (KeepPromise => pr[d] = 0)
  /\ m.n > vt[d] \/ (m.n = vt[d] /\ vf[d] = m.c)
  /\ vt' = [vt EXCEPT ![d] = m.n] /\ vf' = [vf EXCEPT ![d] = m.c]
  /\ grant' = grant \cup {[n |-> m.n, d |-> d, c |-> m.c]}
  /\ role' = [role EXCEPT ![d] = IF @ = "cand" /\ ct[d] < m.n THEN "none" ELSE @]
  /\ UNCHANGED <<pr, pto, ab, ct, votes, va, au, was, slot, req, loss, inst, acted>>

Withdraw(d, m) ==   \* equal terms: gives the vote that it had given itself
  /\ ~Pairs /\ role[d] = "cand" /\ m.c # d /\ m.n = ct[d] /\ vt[d] = ct[d] /\ vf[d] = d
  /\ vf' = [vf EXCEPT ![d] = m.c] /\ grant' = grant \cup {[n |-> m.n, d |-> d, c |-> m.c]}
  /\ role' = [role EXCEPT ![d] = IF Forfeit THEN "none" ELSE @]
  /\ UNCHANGED <<vt, pr, pto, ab, ct, votes, va, au, was, slot, req, loss, inst, acted>>

GetVote(c, g) ==
  /\ role[c] = "cand" /\ va[c] > 0 /\ g.c = c /\ g.n = ct[c] /\ g.d \notin votes[c]
  /\ votes' = [votes EXCEPT ![c] = @ \cup {g.d}]
  /\ UNCHANGED <<vt, vf, pr, pto, ab, role, ct, va, au, was, slot, req, grant, loss, inst, acted>>

Win(c) ==
  /\ role[c] = "cand" /\ va[c] > 0 /\ Maj(votes[c])
  /\ role' = [role EXCEPT ![c] = "master"] /\ va' = va
  /\ au' = IF ActByPromise THEN au ELSE [au EXCEPT ![c] = [d \in C |-> IF d \in votes[c] THEN L ELSE 0]]
  /\ UNCHANGED <<vt, vf, pr, pto, ab, ct, votes, was, slot, req, grant, loss, inst, acted>>

(* authority must begin while the votes count, and once lapsed it is over *)
Going(c) == Sticky => IF was[c] THEN Rem(au[c]) > 0 ELSE va[c] > 0
Quick(c, d) ==   \* heartbeat and answer without delay; to itself as well
  /\ role[c] = "master" /\ Going(c) /\ (AbPromise => ab[d] = 0)
  /\ slot[c][d].t = "none" /\ au[c][d] < L
  /\ ct[c] >= vt[d] /\ (pr[d] = 0 \/ pto[d] = ct[c] \/ ~KeepPromise)
  /\ vt' = [vt EXCEPT ![d] = ct[c]] /\ vf' = [vf EXCEPT ![d] = c]
  /\ pr' = [pr EXCEPT ![d] = R] /\ pto' = [pto EXCEPT ![d] = ct[c]]
  /\ role' = [role EXCEPT ![d] = IF d # c /\ @ # "none" /\ ct[d] <= ct[c] THEN "none" ELSE @]
  /\ LET w == [au[c] EXCEPT ![d] = L] IN
     /\ au' = [au EXCEPT ![c] = w] /\ was' = [was EXCEPT ![c] = @ \/ Rem(w) > 0]
     /\ acted' = IF Rem(w) > 0 THEN acted \cup {<<ct[c], c>>} ELSE acted
  /\ UNCHANGED <<ab, ct, votes, va, slot, req, grant, loss, inst>>

Send(c, d) ==
  /\ Cardinality({<<x, y>> \in (C \X C) \ {<<c, d>>} : slot[x][y].t # "none"}) < MaxSlow
  /\ role[c] = "master" /\ Going(c)
  /\ slot[c][d] # [t |-> "hb", n |-> ct[c], r |-> L]
  /\ slot' = [slot EXCEPT ![c][d] = [t |-> "hb", n |-> ct[c], r |-> L]]
  /\ UNCHANGED <<vt, vf, pr, pto, ab, role, ct, votes, va, au, was, req, grant, loss, inst, acted>>

Promise(d, c) ==
  /\ slot[c][d].t = "hb" /\ (AbPromise => ab[d] = 0)
  /\ LET t == slot[c][d].n IN
     /\ t >= vt[d] /\ (pr[d] = 0 \/ pto[d] = t \/ ~KeepPromise)
     /\ vt' = [vt EXCEPT ![d] = t] /\ vf' = [vf EXCEPT ![d] = c]
     /\ pr' = [pr EXCEPT ![d] = R] /\ pto' = [pto EXCEPT ![d] = t]
     /\ role' = [role EXCEPT ![d] = IF d # c /\ @ # "none" /\ ct[d] <= t THEN "none" ELSE @]
  /\ slot' = [slot EXCEPT ![c][d] = [@ EXCEPT !.t = "ack"]]
  /\ UNCHANGED <<ab, ct, votes, va, au, was, req, grant, loss, inst, acted>>

RecvAck(c, d) ==
  /\ slot[c][d].t = "ack" /\ slot' = [slot EXCEPT ![c][d] = None]
  /\ IF role[c] = "master" /\ slot[c][d].n = ct[c] /\ Going(c)
     THEN LET w == [au[c] EXCEPT ![d] = Max(@, slot[c][d].r)] IN
          /\ au' = [au EXCEPT ![c] = w] /\ was' = [was EXCEPT ![c] = @ \/ Rem(w) > 0]
          /\ acted' = IF Rem(w) > 0 THEN acted \cup {<<ct[c], c>>} ELSE acted
     ELSE UNCHANGED <<au, was, acted>>
  /\ UNCHANGED <<vt, vf, pr, pto, ab, role, ct, votes, va, req, grant, loss, inst>>

Resign(c) == /\ role[c] = "master" /\ Rem(au[c]) = 0 /\ (was[c] \/ va[c] = 0)
             /\ role' = [role EXCEPT ![c] = "none"] /\ au' = [au EXCEPT ![c] = Zero]
             /\ UNCHANGED <<vt, vf, pr, pto, ab, ct, votes, va, was, slot, req, grant, loss, inst, acted>>

Forget(c) ==     \* restart without memory
  /\ loss < MaxLoss /\ loss' = loss + 1
  /\ vt' = [vt EXCEPT ![c] = 0] /\ vf' = [vf EXCEPT ![c] = 0] /\ pr' = [pr EXCEPT ![c] = 0]
  /\ pto' = [pto EXCEPT ![c] = 0] /\ ab' = [ab EXCEPT ![c] = AB]
  /\ role' = [role EXCEPT ![c] = "none"] /\ ct' = [ct EXCEPT ![c] = 0] /\ votes' = [votes EXCEPT ![c] = {}]
  /\ va' = [va EXCEPT ![c] = 0] /\ au' = [au EXCEPT ![c] = Zero] /\ was' = [was EXCEPT ![c] = FALSE]
  /\ inst' = [inst EXCEPT ![c] = @ + 1] /\ UNCHANGED <<slot, req, grant, acted>>

Tick ==
  /\ \E c \in C : pr[c] + ab[c] + va[c] > 0 \/ \E d \in C : au[c][d] + slot[c][d].r > 0
  /\ pr' = [c \in C |-> Dec(pr[c])] /\ ab' = [c \in C |-> Dec(ab[c])] /\ va' = [c \in C |-> Dec(va[c])]
  /\ au' = [c \in C |-> [d \in C |-> Dec(au[c][d])]]
  /\ slot' = [c \in C |-> [d \in C |-> [slot[c][d] EXCEPT !.r = Dec(@)]]]
  /\ UNCHANGED <<vt, vf, pto, role, ct, votes, was, req, grant, loss, inst, acted>>

Next == \/ \E c \in C : Stand(c) \/ Win(c) \/ Resign(c) \/ Forget(c)
        \/ \E c, d \in C : Quick(c, d) \/ Send(c, d) \/ Promise(d, c) \/ RecvAck(c, d)
        \/ \E d \in C, m \in req : Grant(d, m) \/ Withdraw(d, m)
        \/ \E c \in C, g \in grant : GetVote(c, g)
        \/ Tick
Spec == Init /\ [][Next]_vars

(* S2 *)
OneActs  == \A c, d \in C : MayAct(c) /\ MayAct(d) => c = d
(* S3: one master per term, ever *)
OneATerm == \A a, b \in acted : a[1] = b[1] => a[2] = b[2]
NeverTwo == ~\E c \in C : MayAct(c) /\ ct[c] > 199      \* sanity, must be violated
=============================================================================
