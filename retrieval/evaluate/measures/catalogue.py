"""Every measure there is."""

from __future__ import annotations

from retrieval.evaluate.measures.ap import AP
from retrieval.evaluate.measures.auc import AUC
from retrieval.evaluate.measures.bpref import BPREF
from retrieval.evaluate.measures.definition import Registry
from retrieval.evaluate.measures.f1 import F1
from retrieval.evaluate.measures.first_hit import RR, SUCCESS
from retrieval.evaluate.measures.iprec import IPREC
from retrieval.evaluate.measures.judged_share import JUDGED
from retrieval.evaluate.measures.ndcg import NDCG
from retrieval.evaluate.measures.precision import RPREC, P
from retrieval.evaluate.measures.rbp import RBP
from retrieval.evaluate.measures.recall import R

MEASURES = Registry((AP, P, R, F1, RR, NDCG, RPREC, SUCCESS, BPREF, RBP, JUDGED, IPREC, AUC))
